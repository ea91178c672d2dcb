import { BATCH_NORMALIZATION } from '../../batch-normalization.ts';
import type { Graph, Value } from '../graph.ts';
import { type Signal, scaled } from '../signal.ts';
import type { Applied } from './applied.ts';
import { meanOver, reshape, sumOver } from './reduce.ts';

export interface BatchNormalizationArrays {
  readonly gamma: Value;
  readonly beta: Value;
  readonly moving_mean: Value;
  readonly moving_variance: Value;
}

const { epsilon, momentum } = BATCH_NORMALIZATION;

/** Where the channels are, and which axes are averaged over. */
function channelsOf({ axes, shape, isFlat }: Signal): { readonly channels: number; readonly others: number[] } {
  const at = isFlat ? 1 - axes.indexOf(0) : axes.indexOf(shape.length);
  const rank = isFlat ? 2 : axes.length;
  return { channels: at, others: Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== at) };
}

/** A vector of a number a channel, with axes of length 1 wherever the signal has others. */
function placed(graph: Graph, vector: Value, signal: Signal): Value {
  const { channels, others } = channelsOf(signal);
  return reshape(
    graph,
    vector,
    Array.from({ length: others.length + 1 }, (_, axis) => (axis === channels ? -1 : 1)),
  );
}

const standardised = (
  graph: Graph,
  centred: Value,
  variance: Value,
): { readonly value: Value; readonly deviation: Value } => {
  const deviation = graph.op('Sqrt', [graph.op('Add', [variance, graph.constant(epsilon)])]);
  return { value: graph.op('Div', [centred, deviation]), deviation };
};

/** γ (X − μ) / sqrt(σ² + ε) + β with the moving mean and variance: what a trained model answers with. */
export function normalise(graph: Graph, from: Signal, arrays: BatchNormalizationArrays): Signal {
  const input = scaled(graph, from);
  const [gamma, beta, mean, variance] = [arrays.gamma, arrays.beta, arrays.moving_mean, arrays.moving_variance].map(
    (vector) => placed(graph, vector, input),
  ) as [Value, Value, Value, Value];
  const { value } = standardised(graph, graph.op('Sub', [input.value, mean]), variance);
  return { ...input, value: graph.op('Add', [graph.op('Mul', [value, gamma]), beta]) };
}

/**
 * The same with the mean and variance of the batch (Ioffe and Szegedy, 2015), H the standardised values: dγ = Σ dY ⊙ H,
 * dβ = Σ dY, dX = γ / σ ⊙ (dY − mean dY − H ⊙ mean(dY ⊙ H)). The moving ones follow the batch's.
 */
export function batchNormalization(graph: Graph, from: Signal, arrays: BatchNormalizationArrays): Applied {
  const input = scaled(graph, from);
  const { others } = channelsOf(input);
  const [gamma, beta] = [arrays.gamma, arrays.beta].map((vector) => placed(graph, vector, input)) as [Value, Value];
  const mean = meanOver(graph, input.value, others);
  const centred = graph.op('Sub', [input.value, mean]);
  const variance = meanOver(graph, graph.op('Mul', [centred, centred]), others);
  const { value: h, deviation } = standardised(graph, centred, variance);
  const value = graph.op('Add', [graph.op('Mul', [h, gamma]), beta]);
  const moved = (moving: Value, now: Value): Value => {
    const kept = graph.op('Mul', [moving, graph.constant(momentum)]);
    const added = graph.op('Mul', [reshape(graph, now, [-1]), graph.constant(1 - momentum)]);
    return graph.op('Add', [kept, added]);
  };
  return {
    output: { ...input, value },
    measured: {
      moving_mean: moved(arrays.moving_mean, mean),
      moving_variance: moved(arrays.moving_variance, variance),
    },
    backward: (gradient, needsInput) => {
      const product = graph.op('Mul', [gradient, h]);
      const arraysOut = {
        gamma: sumOver(graph, product, others, false),
        beta: sumOver(graph, gradient, others, false),
      };
      if (!needsInput) return { input: undefined, arrays: arraysOut };
      const shared = graph.op('Mul', [h, meanOver(graph, product, others)]);
      const inner = graph.op('Sub', [graph.op('Sub', [gradient, meanOver(graph, gradient, others)]), shared]);
      return { input: graph.op('Mul', [inner, graph.op('Div', [gamma, deviation])]), arrays: arraysOut };
    },
  };
}
