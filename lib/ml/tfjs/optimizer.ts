import type { Optimizer } from '@tensorflow/tfjs-core';
import type { OptimizerName } from '../../domain/model.ts';
import { assertNever } from '../../util/assert-never.ts';
import { OPTIMIZER_CONSTANTS } from '../optimizer-constants.ts';
import type { Tf } from './backend.ts';

/** An optimiser whose learning rate can be set between epochs. */
export interface SteppedOptimizer {
  readonly optimizer: Optimizer;
  setRate(rate: number): void;
}

export function createOptimizer(tf: Tf, name: OptimizerName, rate: number): SteppedOptimizer {
  const optimizer = make(tf, name, rate);
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

const { momentum, meanSquareDecay, beta1, beta2, epsilon, initialSquares } = OPTIMIZER_CONSTANTS;

function make({ train }: Tf, name: OptimizerName, rate: number): Optimizer {
  switch (name) {
    case 'sgd':
      return train.sgd(rate);
    case 'momentum':
      return train.momentum(rate, momentum);
    case 'adagrad':
      return train.adagrad(rate, initialSquares);
    case 'rmsprop':
      return train.rmsprop(rate, meanSquareDecay, 0, epsilon);
    case 'adam':
      return train.adam(rate, beta1, beta2, epsilon);
    default:
      return assertNever(name);
  }
}
