import type { ModelSpec } from '../../domain/model.ts';
import { type PlacedLayer, placeLayers } from '../layer-shapes.ts';
import { weightsOf } from '../weights.ts';
import { enterLayer } from './enter-layer.ts';
import { createGraph, type Graph, type Value } from './graph.ts';
import { type AppliedLayer, applyLayer, type TrainingParts } from './layers.ts';
import type { Applied } from './ops/applied.ts';
import type { Signal } from './signal.ts';
import { layoutsOf, type WeightLayout } from './weight-layout.ts';

/** A model's layers set down one after the other. */
export interface Network {
  /** What the last layer gives before its activation. */
  readonly logits: Signal;
  readonly outputs: Signal;
  /** Nodes for the gradient by every learned array, by its name, from the gradient by the logits or by the outputs. */
  backward(gradient: Value, from: 'logits' | 'outputs'): ReadonlyMap<string, Value>;
  /** New values of the arrays that are measured, by name. */
  readonly measured: ReadonlyMap<string, Value>;
}

export interface NetworkInputs {
  readonly input: Signal;
  /** The value of an array, by its whole name. */
  readonly array: (name: string) => Value;
  readonly training: TrainingParts | undefined;
}

interface PlacedNodes {
  readonly layer: PlacedLayer;
  readonly entry: Applied;
  readonly nodes: AppliedLayer;
}

export function setDown(graph: Graph, spec: ModelSpec, { input, array, training }: NetworkInputs): Network {
  const placed: PlacedNodes[] = [];
  let signal = input;
  let logits = input;
  for (const layer of placeLayers(spec)) {
    const entry = enterLayer(graph, layer, signal);
    const own = (part: string): Value => array(`${layer.name}/${part}`);
    const nodes = applyLayer(graph, layer, { signal: entry.output, array: own, training });
    placed.push({ layer, entry, nodes });
    logits = nodes.body.output;
    signal = nodes.activation.output;
  }
  const measured = placed.flatMap(({ layer, nodes }) =>
    Object.entries(nodes.body.measured ?? {}).map(([part, value]) => [`${layer.name}/${part}`, value] as const),
  );
  return {
    logits,
    outputs: signal,
    measured: new Map(measured),
    backward: (gradient, from) => backward(placed, gradient, from),
  };
}

function backward(placed: readonly PlacedNodes[], last: Value, from: 'logits' | 'outputs'): Map<string, Value> {
  const found = new Map<string, Value>();
  // Nothing is learned before the first layer with arrays, so no gradient has to reach its input.
  const first = placed.findIndex(({ layer }) => weightsOf(layer).some(({ isTrained }) => isTrained));
  let gradient = last;
  for (let at = placed.length - 1; at >= first; at--) {
    const { layer, entry, nodes } = placed[at] as PlacedNodes;
    const skipsActivation = from === 'logits' && at === placed.length - 1;
    const byBody = skipsActivation ? gradient : nodes.activation.backward(gradient, true).input;
    const { input, arrays } = nodes.body.backward(byBody as Value, at > first);
    for (const [part, value] of Object.entries(arrays)) found.set(`${layer.name}/${part}`, value);
    if (input === undefined) break;
    gradient = entry.backward(input, true).input as Value;
  }
  return found;
}

/** How every array of a model lies in its graphs, by name: found by setting the model down once, for nothing else. */
export function weightLayouts(spec: ModelSpec, input: Signal): Map<string, WeightLayout> {
  const graph = createGraph();
  const layouts = new Map<string, WeightLayout>();
  let signal = input;
  for (const layer of placeLayers(spec)) {
    const entered = enterLayer(graph, layer, signal).output;
    for (const [name, layout] of layoutsOf(layer, entered)) layouts.set(name, layout);
    const nodes = applyLayer(graph, layer, { signal: entered, array: (part) => part, training: undefined });
    signal = nodes.activation.output;
  }
  return layouts;
}
