import { type Optimizer, train } from '@tensorflow/tfjs-core';
import type { OptimizerName } from '../../domain/model.ts';
import { assertNever } from '../../util/assert-never.ts';

/** Share of the last step that momentum keeps, and decay of RMSProp's mean square: the usual 0.9. */
const MOMENTUM = 0.9;

/** An optimiser whose learning rate can be set between epochs. */
export interface SteppedOptimizer {
  readonly optimizer: Optimizer;
  setRate(rate: number): void;
}

export function createOptimizer(name: OptimizerName, rate: number): SteppedOptimizer {
  const optimizer = make(name, rate);
  return {
    optimizer,
    setRate: (next) => {
      // Every one of the library's optimisers reads this field at each step; its type is protected.
      (optimizer as unknown as { learningRate: number }).learningRate = next;
      // SGD and momentum keep a tensor of it besides.
      if ('setLearningRate' in optimizer) (optimizer as { setLearningRate(rate: number): void }).setLearningRate(next);
    },
  };
}

function make(name: OptimizerName, rate: number): Optimizer {
  switch (name) {
    case 'sgd':
      return train.sgd(rate);
    case 'momentum':
      return train.momentum(rate, MOMENTUM);
    case 'adagrad':
      return train.adagrad(rate);
    case 'rmsprop':
      return train.rmsprop(rate, MOMENTUM);
    case 'adam':
      return train.adam(rate);
    default:
      return assertNever(name);
  }
}
