import { transpose } from '../../util/transpose.ts';
import { shapeSize } from '../layer-shapes.ts';
import { float } from './attribute.ts';
import type { Graph, Value } from './graph.ts';

/**
 * What flows between layers, with how it lies in memory compared with TensorFlow's [rows, ...shape]. Dense layers give
 * [units, rows], so that neither of their matrix products has to turn a kernel around; images lie [rows, channels,
 * height, width], as ONNX has them.
 */
export interface Signal {
  readonly value: Value;
  /** The shape of one row, as TensorFlow would have it. */
  readonly shape: readonly number[];
  /** Axis `at` of the value is axis `axes[at]` of [rows, ...shape]. */
  readonly axes: readonly number[];
  /** True where all axes but the rows are one. */
  readonly isFlat: boolean;
  /** What the values have still to be multiplied by. */
  readonly scale: number;
}

export const ROWS_FIRST = [0, 1] as const;
/** As a dense layer gives it. */
export const ROWS_LAST = [1, 0] as const;
export const CHANNELS_FIRST = [0, 3, 1, 2] as const;

/** The order of a row's own axes. */
export const innerAxes = ({ axes }: Pick<Signal, 'axes'>): number[] =>
  axes.filter((axis) => axis !== 0).map((axis) => axis - 1);

/** Where the rows are. */
export const rowAxis = ({ axes }: Pick<Signal, 'axes'>): number => axes.indexOf(0);

/** The signal with its scale multiplied in, for layers that cannot do that on the way. */
export function scaled(graph: Graph, signal: Signal): Signal {
  if (signal.scale === 1) return signal;
  return { ...signal, scale: 1, value: graph.op('Mul', [signal.value, graph.constant(signal.scale)]) };
}

/** The same values with the rows first, as [rows, values]. */
export function rowsFirst(graph: Graph, { value, axes }: Pick<Signal, 'value' | 'axes'>): Value {
  return axes[0] === 0 ? value : graph.op('Transpose', [value]);
}

/** Values of TensorFlow's order, a mask for instance, in the order of a signal. */
export const inOrderOf = <T extends Float32Array | Uint8Array>(
  values: T,
  rows: number,
  { shape, axes }: Pick<Signal, 'shape' | 'axes'>,
): T => transpose(values, [rows, ...shape], axes);

/** The shape of a signal of so many rows. */
export function shapeOf<Rows extends number | string>({ shape, axes, isFlat }: Signal, rows: Rows): (number | Rows)[] {
  if (isFlat) return axes[0] === 0 ? [rows, shapeSize(shape)] : [shapeSize(shape), rows];
  return axes.map((axis) => (axis === 0 ? rows : (shape[axis - 1] as number)));
}

export const alpha = (value: number) => ({ alpha: float(value) });
