import type { ModelSpec } from '../../domain/model.ts';
import { outputSize, placeLayers } from '../layer-shapes.ts';
import { int } from './attribute.ts';
import type { Graph, Value } from './graph.ts';
import type { Network } from './network.ts';
import { LOSS_RULES } from './ops/loss.ts';
import { sumAll, sumOver } from './ops/reduce.ts';
import { ROWS_LAST, rowsFirst } from './signal.ts';

/** What a model's loss is taken from: the cross-entropy from the logits, the squared error from the activations. */
export const takenFrom = ({ loss }: ModelSpec): 'logits' | 'outputs' =>
  loss === 'softmaxCrossEntropy' ? 'logits' : 'outputs';

/** What the loss looks at, [rows, outputs]. */
export const lossAnswers = (graph: Graph, spec: ModelSpec, network: Network): Value =>
  rowsFirst(graph, network[takenFrom(spec)]);

/** Gradients, by name of every learned array, of the loss summed over the rows, times `factor`. */
export function lossGradients(
  graph: Graph,
  spec: ModelSpec,
  network: Network,
  { answers, targets, factor }: { readonly answers: Value; readonly targets: Value; readonly factor: Value },
): ReadonlyMap<string, Value> {
  const from = takenFrom(spec);
  const gradient = graph.op('Mul', [LOSS_RULES[spec.loss].gradient(graph, { answers, targets }), factor]);
  const isTurned = network[from].axes[0] === ROWS_LAST[0];
  return network.backward(isTurned ? graph.op('Transpose', [gradient]) : gradient, from);
}

/** Rows of zeros with a one for each label: the labels' shape, and an axis more. */
export function oneHotRows(graph: Graph, spec: ModelSpec, labels: Value): Value {
  const classes = outputSize(spec);
  const identity = Float32Array.from({ length: classes ** 2 }, (_, at) => (at % (classes + 1) === 0 ? 1 : 0));
  return graph.op('Gather', [graph.constant(identity, [classes, classes]), labels], { axis: int(0) });
}

/**
 * How many rows have their largest logit at their label; of equal ones the first counts. int32, summed over the axes that
 * are named, or over all. Logits are [..., rows, classes], labels [..., rows].
 */
export function correctCount(
  graph: Graph,
  { logits, labels }: { readonly logits: Value; readonly labels: Value },
  axes?: readonly number[],
): Value {
  const best = graph.op('ArgMax', [logits], { axis: int(-1), keepdims: int(0) });
  const isRight = graph.op('Equal', [graph.op('Cast', [best], { to: int(6) }), labels]);
  const ones = graph.op('Cast', [isRight], { to: int(6) });
  return axes === undefined ? sumAll(graph, ones) : sumOver(graph, ones, axes, false);
}

/** A kernel whose squares add to the loss. */
interface Penalised {
  readonly kernel: string;
  readonly l2: number;
}

const penalised = (spec: ModelSpec): Penalised[] =>
  placeLayers(spec).flatMap(({ name, spec: layer }) => {
    const l2 = 'l2' in layer ? (layer.l2 ?? 0) : 0;
    return l2 === 0 ? [] : [{ kernel: `${name}/kernel`, l2 }];
  });

export const hasPenalties = (spec: ModelSpec): boolean => penalised(spec).length > 0;

/** l2 Σ w², over every kernel that has a factor: one number; undefined where none has. */
export function penalties(graph: Graph, spec: ModelSpec, weight: (name: string) => Value): Value | undefined {
  return penalised(spec)
    .map(({ kernel, l2 }) => {
      const w = weight(kernel);
      return graph.op('Mul', [sumAll(graph, graph.op('Mul', [w, w])), graph.constant(l2)]);
    })
    .reduce<Value | undefined>((sum, one) => (sum === undefined ? one : graph.op('Add', [sum, one])), undefined);
}

/** Adds 2 l2 w, times `factor`, to the gradient of every kernel that has a factor of its own. */
export function withPenalties(
  graph: Graph,
  spec: ModelSpec,
  gradients: ReadonlyMap<string, Value>,
  { weight, factor }: { readonly weight: (name: string) => Value; readonly factor: Value },
): ReadonlyMap<string, Value> {
  const whole = new Map(gradients);
  for (const { kernel, l2 } of penalised(spec)) {
    const gradient = whole.get(kernel);
    if (gradient === undefined) continue;
    const share = graph.op('Mul', [factor, graph.constant(2 * l2)]);
    whole.set(kernel, graph.op('Add', [gradient, graph.op('Mul', [weight(kernel), share])]));
  }
  return whole;
}
