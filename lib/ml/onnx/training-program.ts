import type { ModelSpec, OptimizerName, Transform } from '../../domain/model.ts';
import type { PlacedLayer } from '../layer-shapes.ts';
import { weightSpecs } from '../weights.ts';
import { graph as body, int } from './attribute.ts';
import { createGraph, type Graph, modelBytes, type Value } from './graph.ts';
import { correctCount, networkLoss, oneHotRows, withPenalties } from './loss-nodes.ts';
import { setDown, weightLayouts } from './network.ts';
import { OPTIMIZER_RULES } from './optimizers/rules.ts';
import { inputSignal, type RawSource, rawRows, transformed } from './raw-rows.ts';
import { type Signal, shapeOf } from './signal.ts';
import type { WeightLayout } from './weight-layout.ts';

export interface TrainingRequest {
  readonly spec: ModelSpec;
  readonly transform: Transform;
  readonly optimizer: OptimizerName;
  readonly source: RawSource;
}

/** An array that goes into a call and comes out of it changed: weights, or an optimiser's own for them. */
export interface StateSpec {
  /** The weights it belongs to. */
  readonly weight: string;
  /** The number of the optimiser's array, or undefined for the weights themselves. */
  readonly slot: number | undefined;
  readonly layout: WeightLayout;
}

export interface MaskSpec {
  readonly layer: PlacedLayer;
  readonly rate: number;
  readonly signal: Signal;
}

/**
 * A model's training steps as an ONNX model: a Scan over steps, whose body is one step. In: the rows (or a file of them),
 * their labels, per step the numbers of its rows, the optimiser's numbers and the masks, and the state. Out: the state,
 * and per step the loss and how many rows were right.
 */
export interface TrainingProgram {
  readonly bytes: Uint8Array;
  readonly states: readonly StateSpec[];
  readonly masks: readonly MaskSpec[];
}

export const stateName = ({ weight, slot }: Pick<StateSpec, 'weight' | 'slot'>): string =>
  slot === undefined ? weight : `${weight}/slot_${slot}`;

export const maskName = ({ layer }: Pick<MaskSpec, 'layer'>): string => `${layer.name}/mask`;

/** Names of what goes into a call beside the state. */
export const IN = {
  labels: 'labels',
  order: 'order',
  inverseCount: 'inverse_count',
  gradientFactor: 'gradientFactor',
} as const;

export const OUT = { loss: 'losses', correct: 'corrects' } as const;

/** What goes out by another name than it came in. */
export const nextName = (name: string): string => `${name}/next`;

export function trainingProgram(request: TrainingRequest): TrainingProgram {
  const { spec, transform, optimizer, source } = request;
  const layouts = weightLayouts(spec, inputSignal(spec));
  const rule = OPTIMIZER_RULES[optimizer];
  const states = weightSpecs(spec).flatMap(({ name: weight, isTrained }): StateSpec[] => {
    const layout = layouts.get(weight) as WeightLayout;
    const slots = isTrained ? rule.slots.map((_, slot) => ({ weight, slot, layout })) : [];
    return [{ weight, slot: undefined, layout }, ...slots];
  });
  const outer = createGraph();
  const rows = rawRows(outer, spec, source);
  const labels = outer.input(IN.labels, 'int32', ['count']);
  const inverseCount = outer.input(IN.inverseCount, 'float32', []);

  const inner = outer.inner();
  const insideName = (name: string): string => `step/${name}`;
  for (const state of states) inner.input(insideName(stateName(state)), 'float32', state.layout.shape);
  const chosen = inner.input(insideName(IN.order), 'int32', ['batch']);
  const numbers = [IN.gradientFactor, ...rule.numbers];
  for (const name of numbers) inner.input(insideName(name), 'float32', []);
  const masks: MaskSpec[] = [];
  const mask = (layer: PlacedLayer, signal: Signal): Value => {
    const rate = layer.spec.type === 'dropout' ? layer.spec.rate : 0;
    masks.push({ layer, rate, signal });
    return inner.input(insideName(`${layer.name}/mask`), 'uint8', shapeOf(signal, 'batch'));
  };
  const own = inner.op('Gather', [rows, chosen], { axis: int(0) });
  const ownLabels = inner.op('Gather', [labels, chosen], { axis: int(0) });
  const network = setDown(inner, spec, {
    input: transformed(inner, own, { spec, type: source.type, transform }),
    array: insideName,
    training: { mask },
  });
  const targets = oneHotRows(inner, spec, ownLabels);
  const { loss, gradients } = networkLoss(inner, spec, network, { targets, inverseCount });
  const factor = insideName(IN.gradientFactor);
  const whole = withPenalties(inner, spec, { loss, gradients: gradients(factor), weight: insideName, factor });
  const next = updated(inner, { states, optimizer, gradients: whole.gradients, name: insideName });
  for (const [name, value] of network.measured) next.set(name, value);
  for (const state of states) {
    const name = stateName(state);
    inner.output(insideName(nextName(name)), next.get(name) as Value, 'float32', state.layout.shape);
  }
  inner.output(insideName(OUT.loss), whole.loss, 'float32', []);
  inner.output(insideName(OUT.correct), correctCount(inner, network, ownLabels), 'int32', []);

  const scanned = [
    outer.input(IN.order, 'int32', ['steps', 'batch']),
    ...numbers.map((name) => outer.input(name, 'float32', ['steps'])),
    ...masks.map((one) => outer.input(maskName(one), 'uint8', ['steps', ...shapeOf(one.signal, 'batch')])),
  ];
  const stateInputs = states.map((state) => outer.input(stateName(state), 'float32', state.layout.shape));
  const results = outer.ops('Scan', [...stateInputs, ...scanned], states.length + 2, {
    body: body(inner.toFormat('step')),
    num_scan_inputs: int(scanned.length),
  });
  states.forEach((state, at) => {
    outer.output(nextName(stateName(state)), results[at] as Value, 'float32', state.layout.shape);
  });
  outer.output(OUT.loss, results[states.length] as Value, 'float32', ['steps']);
  outer.output(OUT.correct, results[states.length + 1] as Value, 'int32', ['steps']);
  return { bytes: modelBytes(outer, 'training'), states, masks };
}

interface UpdateParts {
  readonly states: readonly StateSpec[];
  readonly optimizer: OptimizerName;
  readonly gradients: ReadonlyMap<string, Value>;
  readonly name: (name: string) => Value;
}

/** What is learned, and the optimiser's own arrays, after the step; by name. */
function updated(graph: Graph, { states, optimizer, gradients, name }: UpdateParts): Map<string, Value> {
  const rule = OPTIMIZER_RULES[optimizer];
  const next = new Map<string, Value>();
  const numbers = Object.fromEntries(rule.numbers.map((number) => [number, name(number)]));
  for (const [weight, gradient] of gradients) {
    const slots = states.filter((state) => state.weight === weight && state.slot !== undefined).map(stateName);
    const done = rule.update(graph, { weight: name(weight), gradient, slots: slots.map(name), numbers });
    next.set(weight, done.weight);
    slots.forEach((slot, at) => {
      next.set(slot, done.slots[at] as Value);
    });
  }
  return next;
}
