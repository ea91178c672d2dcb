import type { ModelSpec } from '../../../domain/model.ts';
import { int } from '../attribute.ts';
import type { Graph, Value } from '../graph.ts';
import { sumAll, sumOver } from './reduce.ts';

/** What a loss compares, both [..., rows, outputs]. */
export interface LossInputs {
  /** Logits for the cross-entropy, activations for the squared error. */
  readonly answers: Value;
  readonly targets: Value;
}

/** A loss as nodes of a graph. */
export interface LossRule {
  /** The sum over the axes that are named; over all of them where none is. */
  sum(graph: Graph, inputs: LossInputs, axes?: readonly number[]): Value;
  /** The gradient of that sum by the answers: [rows, outputs]. */
  gradient(graph: Graph, inputs: LossInputs): Value;
}

const total = (graph: Graph, value: Value, axes: readonly number[] | undefined): Value =>
  axes === undefined ? sumAll(graph, value) : sumOver(graph, value, axes, false);

/** −Σ y log softmax(z), from the logits; by z its gradient is softmax(z) − y for targets of a row that add up to 1. */
const softmaxCrossEntropy: LossRule = {
  sum: (graph, { answers, targets }, axes) => {
    const logarithms = graph.op('LogSoftmax', [answers], { axis: int(-1) });
    return graph.op('Neg', [total(graph, graph.op('Mul', [logarithms, targets]), axes)]);
  },
  gradient: (graph, { answers, targets }) =>
    graph.op('Sub', [graph.op('Softmax', [answers], { axis: int(-1) }), targets]),
};

/** ½ Σ (a − y)²; by a its gradient is a − y. */
const squaredError: LossRule = {
  sum: (graph, { answers, targets }, axes) => {
    const away = graph.op('Sub', [answers, targets]);
    return graph.op('Mul', [total(graph, graph.op('Mul', [away, away]), axes), graph.constant(0.5)]);
  },
  gradient: (graph, { answers, targets }) => graph.op('Sub', [answers, targets]),
};

export const LOSS_RULES: Readonly<Record<ModelSpec['loss'], LossRule>> = { softmaxCrossEntropy, squaredError };
