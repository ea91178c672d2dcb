import type { ModelSpec, Transform } from '../../domain/model.ts';
import type { Weight } from '../engine.ts';
import { inputSize, outputSize } from '../layer-shapes.ts';
import { createGraph, modelBytes } from './graph.ts';
import { setDown, weightLayouts } from './network.ts';
import { reshape } from './ops/reduce.ts';
import { inputSignal, transformed } from './raw-rows.ts';
import { rowsFirst } from './signal.ts';
import { toGraphOrder } from './weight-layout.ts';

/** What a foreign program feeds and reads; these names are part of the format and stay. */
export const INPUT = 'input';
export const OUTPUT = 'probabilities';

export interface ModelToExport {
  readonly spec: ModelSpec;
  readonly transform: Transform;
  readonly weights: readonly Weight[];
  readonly classes: readonly string[];
}

/**
 * A trained model as an ONNX file for any runtime: `input` takes raw values as float32, [rows, ...shape], because the
 * transform is inside; `probabilities` are [rows, classes]. The class names are in its metadata, as a JSON list.
 */
export function modelOnnx({ spec, transform, weights, classes }: ModelToExport): Uint8Array {
  const graph = createGraph();
  const layouts = weightLayouts(spec, inputSignal(spec));
  for (const { name, values } of weights) {
    const layout = layouts.get(name);
    if (layout === undefined) throw new Error(`the model has no weights '${name}'`);
    graph.named(name, toGraphOrder(values, layout), layout.shape);
  }
  const raw = reshape(graph, graph.input(INPUT, 'float32', ['rows', ...spec.input]), [-1, inputSize(spec)]);
  const input = transformed(graph, raw, { spec, type: 'float32', transform });
  const { outputs } = setDown(graph, spec, { input, array: (name) => name, training: undefined });
  graph.output(OUTPUT, rowsFirst(graph, outputs), 'float32', ['rows', outputSize(spec)]);
  return modelBytes(graph, 'model', { classes: JSON.stringify(classes) });
}
