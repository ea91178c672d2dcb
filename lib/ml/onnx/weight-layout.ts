import { inverseAxes, transpose } from '../../util/transpose.ts';
import { type PlacedLayer, shapeSize } from '../layer-shapes.ts';
import { weightsOf } from '../weights.ts';
import { innerAxes, type Signal } from './signal.ts';

/** How an array of weights lies in a graph, compared with TensorFlow's order, in which it is kept and saved. */
export interface WeightLayout {
  /** TensorFlow's shape, seen with as many axes as are moved. */
  readonly view: readonly number[];
  /** Axis `at` of the graph's array is axis `axes[at]` of the view. */
  readonly axes: readonly number[];
  /** The shape it has in the graph. */
  readonly shape: readonly number[];
}

export const toGraphOrder = (values: Float32Array, { view, axes }: WeightLayout): Float32Array =>
  transpose(values, view, axes);

export const fromGraphOrder = (values: Float32Array, { view, axes }: WeightLayout): Float32Array =>
  transpose(
    values,
    axes.map((axis) => view[axis] as number),
    inverseAxes(axes),
  );

/** How each of a layer's arrays lies in the graph, by its whole name; `signal` is as `enterLayer` gives it. */
export function layoutsOf(layer: PlacedLayer, signal: Signal): Map<string, WeightLayout> {
  return new Map(weightsOf(layer).map(({ name, shape }) => [name, layoutOf(layer, signal, { name, shape })]));
}

function layoutOf(
  { spec }: PlacedLayer,
  signal: Signal,
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
): WeightLayout {
  const isKernel = name.endsWith('/kernel');
  if (spec.type === 'dense') return isKernel ? denseKernel(signal, spec.units) : asItIs([spec.units, 1]);
  if (spec.type === 'conv2d' && isKernel) return convKernel(shape);
  if (spec.type === 'batchNormalization' && signal.isFlat) return likeRow(signal);
  return asItIs(shape);
}

/** The same in both. */
const asItIs = (shape: readonly number[]): WeightLayout => ({ view: [shapeSize(shape)], axes: [0], shape });

/** [inputs, units] to [units, inputs], the inputs in the order in which the signal has them. */
function denseKernel(signal: Signal, units: number): WeightLayout {
  const { shape } = signal;
  return {
    view: [...shape, units],
    axes: [shape.length, ...innerAxes(signal)],
    shape: [units, shapeSize(shape)],
  };
}

/** Height, width, channels, filters to filters, channels, height, width. */
function convKernel(view: readonly number[]): WeightLayout {
  const axes = [3, 2, 0, 1];
  return { view, axes, shape: axes.map((axis) => view[axis] as number) };
}

/** One number for each value of a flat row. */
const likeRow = (signal: Signal): WeightLayout => ({
  view: signal.shape,
  axes: innerAxes(signal),
  shape: [shapeSize(signal.shape)],
});
