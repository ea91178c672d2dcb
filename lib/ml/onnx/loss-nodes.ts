import type { ModelSpec } from '../../domain/model.ts';
import { outputSize, placeLayers } from '../layer-shapes.ts';
import { int } from './attribute.ts';
import type { Graph, Value } from './graph.ts';
import type { Network } from './network.ts';
import { softmaxCrossEntropy, squaredError } from './ops/loss.ts';
import { sumAll } from './ops/reduce.ts';
import { ROWS_LAST, rowsFirst } from './signal.ts';

/** The loss of a network over some rows. */
export interface NetworkLoss {
  /** The mean over the rows, without what L2 adds. */
  readonly loss: Value;
  /** Gradients by name of every learned array, times `factor`. */
  gradients(factor: Value): ReadonlyMap<string, Value>;
}

export interface LossRows {
  /** [rows, outputs]. */
  readonly targets: Value;
  /** 1 / rows. */
  readonly inverseCount: Value;
}

export function networkLoss(graph: Graph, spec: ModelSpec, network: Network, rows: LossRows): NetworkLoss {
  const from = spec.loss === 'softmaxCrossEntropy' ? 'logits' : 'outputs';
  const answers = rowsFirst(graph, network[from]);
  const make = spec.loss === 'softmaxCrossEntropy' ? softmaxCrossEntropy : squaredError;
  const { loss, backward } = make(graph, { answers, ...rows });
  return {
    loss,
    gradients: (factor) => {
      const gradient = backward(factor);
      const isTurned = network[from].axes[0] === ROWS_LAST[0];
      return network.backward(isTurned ? graph.op('Transpose', [gradient]) : gradient, from);
    },
  };
}

/** Rows of zeros with a one for each label. */
export function oneHotRows(graph: Graph, spec: ModelSpec, labels: Value): Value {
  const classes = outputSize(spec);
  const identity = Float32Array.from({ length: classes ** 2 }, (_, at) => (at % (classes + 1) === 0 ? 1 : 0));
  return graph.op('Gather', [graph.constant(identity, [classes, classes]), labels], { axis: int(0) });
}

/** How many rows have their largest logit at their label; of equal ones the first counts. int32. */
export function correctCount(graph: Graph, network: Network, labels: Value): Value {
  const best = graph.op('ArgMax', [rowsFirst(graph, network.logits)], { axis: int(1), keepdims: int(0) });
  const isRight = graph.op('Equal', [graph.op('Cast', [best], { to: int(6) }), labels]);
  return sumAll(graph, graph.op('Cast', [isRight], { to: int(6) }));
}

export interface Penalised {
  readonly loss: Value;
  readonly gradients: ReadonlyMap<string, Value>;
}

/** Adds l2 Σ w² of every kernel that has a factor to the loss, and 2 l2 w, times `factor`, to its gradient. */
export function withPenalties(
  graph: Graph,
  spec: ModelSpec,
  plain: Penalised & { readonly weight: (name: string) => Value; readonly factor: Value },
): Penalised {
  const { weight, factor } = plain;
  const gradients = new Map(plain.gradients);
  let { loss } = plain;
  for (const { name, spec: layer } of placeLayers(spec)) {
    const l2 = 'l2' in layer ? (layer.l2 ?? 0) : 0;
    const kernel = `${name}/kernel`;
    const gradient = gradients.get(kernel);
    if (l2 === 0 || gradient === undefined) continue;
    const w = weight(kernel);
    loss = graph.op('Add', [loss, graph.op('Mul', [sumAll(graph, graph.op('Mul', [w, w])), graph.constant(l2)])]);
    const share = graph.op('Mul', [factor, graph.constant(2 * l2)]);
    gradients.set(kernel, graph.op('Add', [gradient, graph.op('Mul', [w, share])]));
  }
  return { loss, gradients };
}
