import type { ModelSpec, OptimizerName, Transform } from '../../domain/model.ts';
import { outputSize, type PlacedLayer } from '../layer-shapes.ts';
import { graph as body, int } from './attribute.ts';
import { createGraph, type Graph, modelBytes, type Value } from './graph.ts';
import { hasPenalties, lossAnswers, lossGradients, oneHotRows, withPenalties } from './loss-nodes.ts';
import { setDown, weightLayouts } from './network.ts';
import { OPTIMIZER_RULES } from './optimizers/rules.ts';
import { inputSignal, type RawSource, rawRows, transformed } from './raw-rows.ts';
import { type Signal, shapeOf } from './signal.ts';
import { type StateSpec, stateGradient, statesOf, weightValues } from './state.ts';
import { stepMetrics, tellStep } from './step-metrics.ts';

/** A step's number, as nodes want it that take no scalar: turning it into that would be a node more in every step. */
const ONE = [1];

export interface TrainingRequest {
  readonly spec: ModelSpec;
  readonly transform: Transform;
  readonly optimizer: OptimizerName;
  readonly source: RawSource;
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
  const states = statesOf(spec, layouts, rule.slots.length);
  const outer = createGraph();
  const rows = rawRows(outer, spec, source);
  const labels = outer.input(IN.labels, 'int32', ['count']);
  const inverseCount = outer.input(IN.inverseCount, 'float32', []);

  const inner = outer.inner();
  const insideName = (name: string): string => `step/${name}`;
  for (const { name, shape } of states) inner.input(insideName(name), 'float32', shape);
  const chosen = inner.input(insideName(IN.order), 'int32', ['batch']);
  // The gradient of a mean is that of a sum times this.
  const rowFactor = inner.input(insideName('row_factor'), 'float32', ONE);
  const numbers = [...(hasPenalties(spec) ? [IN.gradientFactor] : []), ...rule.numbers];
  for (const name of numbers) inner.input(insideName(name), 'float32', ONE);
  const masks: MaskSpec[] = [];
  const mask = (layer: PlacedLayer, signal: Signal): Value => {
    const rate = layer.spec.type === 'dropout' ? layer.spec.rate : 0;
    masks.push({ layer, rate, signal });
    return inner.input(insideName(`${layer.name}/mask`), 'uint8', shapeOf(signal, 'batch'));
  };
  const own = inner.op('Gather', [rows, chosen], { axis: int(0) });
  const values = weightValues(inner, states, insideName);
  const weight = (name: string): Value => values.get(name) as Value;
  const network = setDown(inner, spec, {
    input: transformed(inner, own, { spec, type: source.type, transform }),
    array: weight,
    training: { mask },
  });
  const outputs = outputSize(spec);
  const targets = inner.input(insideName('targets'), 'float32', ['batch', outputs]);
  const answers = lossAnswers(inner, spec, network);
  const plain = lossGradients(inner, spec, network, { answers, targets, factor: rowFactor });
  const factor = insideName(IN.gradientFactor);
  const gradients = withPenalties(inner, spec, plain, { weight, factor });
  const next = updated(inner, { states, optimizer, gradients, name: insideName });
  for (const [name, value] of network.measured) next.set(name, value);
  for (const { name, shape } of states) {
    inner.output(insideName(nextName(name)), next.get(name) as Value, 'float32', shape);
  }
  const told = tellStep(inner, spec, network, { answers, weight, outputs });
  for (const { name, value, shape } of told) inner.output(insideName(name), value, 'float32', shape);

  const order = outer.input(IN.order, 'int32', ['steps', 'batch']);
  const ownLabels = outer.op('Gather', [labels, order], { axis: int(0) });
  const ownTargets = oneHotRows(outer, spec, ownLabels);
  const gradientFactors = outer.input(IN.gradientFactor, 'float32', ['steps', ...ONE]);
  const scanned = [
    order,
    outer.op('Mul', [gradientFactors, inverseCount]),
    ...numbers.map((name) =>
      name === IN.gradientFactor ? gradientFactors : outer.input(name, 'float32', ['steps', ...ONE]),
    ),
    ...masks.map((one) => outer.input(maskName(one), 'uint8', ['steps', ...shapeOf(one.signal, 'batch')])),
    ownTargets,
  ];
  const stateInputs = states.map(({ name, shape }) => outer.input(name, 'float32', shape));
  const results = outer.ops('Scan', [...stateInputs, ...scanned], states.length + told.length, {
    body: body(inner.toFormat('step')),
    num_scan_inputs: int(scanned.length),
  });
  states.forEach(({ name, shape }, at) => {
    outer.output(nextName(name), results[at] as Value, 'float32', shape);
  });
  const all = new Map(told.map(({ name }, at) => [name, results[states.length + at] as Value]));
  const rowsOfSteps = { targets: ownTargets, labels: ownLabels, inverseCount };
  const { losses, corrects } = stepMetrics(outer, spec, all, rowsOfSteps);
  outer.output(OUT.loss, losses, 'float32', ['steps']);
  outer.output(OUT.correct, corrects, 'int32', ['steps']);
  return { bytes: modelBytes(outer, 'training'), states, masks };
}

interface UpdateParts {
  readonly states: readonly StateSpec[];
  readonly optimizer: OptimizerName;
  readonly gradients: ReadonlyMap<string, Value>;
  readonly name: (name: string) => Value;
}

/** What is learned, and the optimiser's own arrays, after the step; by the state's name. */
function updated(graph: Graph, { states, optimizer, gradients, name }: UpdateParts): Map<string, Value> {
  const rule = OPTIMIZER_RULES[optimizer];
  const next = new Map<string, Value>();
  const numbers = Object.fromEntries(rule.numbers.map((number) => [number, name(number)]));
  for (const state of states.filter(({ slot }) => slot === undefined)) {
    const [first] = state.pieces;
    if (first === undefined || !gradients.has(first.weight)) continue;
    const slots = states.filter((one) => one.pieces === state.pieces && one.slot !== undefined);
    const gradient = stateGradient(graph, state, gradients);
    const own = slots.map((slot) => name(slot.name));
    const done = rule.update(graph, { weight: name(state.name), shape: state.shape, gradient, slots: own, numbers });
    next.set(state.name, done.weight);
    slots.forEach((slot, at) => {
      next.set(slot.name, done.slots[at] as Value);
    });
  }
  return next;
}
