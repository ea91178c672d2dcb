import { centresOf } from '../../data/transform.ts';
import type { ModelSpec, Transform } from '../../domain/model.ts';
import { inputSize } from '../layer-shapes.ts';
import { int } from './attribute.ts';
import type { DataType, FileRegion } from './format.ts';
import type { Graph, Value } from './graph.ts';
import type { Signal } from './signal.ts';

/** The type of raw values. */
export type RawType = Extract<DataType, 'uint8' | 'int32' | 'float32'>;

/** Where a program's raw rows come from: with every call, or from a file that is mapped. */
export interface RawSource {
  readonly type: RawType;
  /** The file's values, row after row; undefined where they come with the call. */
  readonly file: { readonly region: FileRegion; readonly rows: number } | undefined;
}

export const RAW_INPUT = 'rows';

/** All raw rows, [rows, values], as a value the graph and the graphs inside it may gather from. */
export function rawRows(graph: Graph, spec: ModelSpec, { type, file }: RawSource): Value {
  const width = inputSize(spec);
  if (file === undefined) return graph.input(RAW_INPUT, type, ['count', width]);
  return graph.external(RAW_INPUT, { type, shape: [file.rows, width], region: file.region });
}

/**
 * Raw rows as the first layer sees them: x * scale + offset. One factor for all without an offset is left to the first
 * matrix product, which has a factor of its own.
 */
export function transformed(
  graph: Graph,
  raw: Value,
  { spec, type, transform }: { readonly spec: ModelSpec; readonly type: RawType; readonly transform: Transform },
): Signal {
  const value = type === 'float32' ? raw : graph.op('Cast', [raw], { to: int(1) });
  const { scale, offset } = transform;
  const rows = { ...inputSignal(spec), value };
  if (offset.every((one) => one === 0) && scale.length === 1) return { ...rows, scale: scale[0] as number };
  const [factors, centres] = [Float32Array.from(scale), centresOf(transform)].map((list) =>
    graph.constant(list, [1, list.length]),
  );
  const centred = graph.op('Sub', [value, centres as Value]);
  return { ...rows, value: graph.op('Mul', [centred, factors as Value]) };
}

/** A row's values lie as the dataset has them, one after the other. */
export const inputSignal = (spec: ModelSpec): Signal => ({
  value: '',
  shape: spec.input,
  axes: [0, ...spec.input.map((_, axis) => axis + 1)],
  isFlat: true,
  scale: 1,
});
