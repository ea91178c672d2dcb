import { int } from '../attribute.ts';
import type { Graph, Value } from '../graph.ts';
import { sumAll } from './reduce.ts';

/** A loss set down in a graph. */
export interface AppliedLoss {
  /** The mean over the rows: one number. */
  readonly loss: Value;
  /** Nodes for the gradient of the loss by what it was given, times `factor`: [rows, outputs]. */
  backward(factor: Value): Value;
}

export interface LossInputs {
  /** [rows, outputs]: logits for the cross-entropy, activations for the squared error. */
  readonly answers: Value;
  /** [rows, outputs]. */
  readonly targets: Value;
  /** 1 / rows. */
  readonly inverseCount: Value;
}

/** −Σ y log softmax(z), from the logits; by z its gradient is softmax(z) − y for targets of a row that add up to 1. */
export function softmaxCrossEntropy(graph: Graph, { answers, targets, inverseCount }: LossInputs): AppliedLoss {
  const logarithms = graph.op('LogSoftmax', [answers], { axis: int(1) });
  const sum = sumAll(graph, graph.op('Mul', [logarithms, targets]));
  return {
    loss: graph.op('Neg', [graph.op('Mul', [sum, inverseCount])]),
    backward: (factor) => {
      const away = graph.op('Sub', [graph.op('Exp', [logarithms]), targets]);
      return graph.op('Mul', [away, graph.op('Mul', [inverseCount, factor])]);
    },
  };
}

/** ½ Σ (a − y)²; by a its gradient is a − y. */
export function squaredError(graph: Graph, { answers, targets, inverseCount }: LossInputs): AppliedLoss {
  const away = graph.op('Sub', [answers, targets]);
  const sum = sumAll(graph, graph.op('Mul', [away, away]));
  return {
    loss: graph.op('Mul', [sum, graph.op('Mul', [inverseCount, graph.constant(0.5)])]),
    backward: (factor) => graph.op('Mul', [away, graph.op('Mul', [inverseCount, factor])]),
  };
}
