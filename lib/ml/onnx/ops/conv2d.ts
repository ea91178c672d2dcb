import type { Conv2dSpec } from '../../../domain/model.ts';
import { paddingOf } from '../../layer-shapes.ts';
import { ints } from '../attribute.ts';
import type { Graph, Value } from '../graph.ts';
import { type Signal, scaled } from '../signal.ts';
import type { Applied } from './applied.ts';
import { sumOver } from './reduce.ts';

/** Kernel [filters, channels, height, width] and bias [filters]. */
export interface Conv2dArrays {
  readonly kernel: Value;
  readonly bias: Value;
}

/** Rows and channels change places. */
const SWAPPED = ints([1, 0, 2, 3]);

/**
 * Z = K * X + b. dX is the transposed convolution of dZ with K; dK the convolution of X with dZ, rows as channels, its
 * steps as gaps; db = Σ dZ over rows and places.
 */
export function conv2d(graph: Graph, from: Signal, { kernel, bias }: Conv2dArrays, spec: Conv2dSpec): Applied {
  const input = scaled(graph, from);
  const { stride = 1, kernel: size, filters } = spec;
  const lengths = input.shape.slice(0, 2);
  const padding = lengths.map((length) => paddingOf(length, spec));
  const pads = ints([...padding.map(([before]) => before), ...padding.map(([, after]) => after)]);
  const outputs = lengths.map((length, axis) => Math.floor((length + added(axis) - size) / stride) + 1);
  /** Places at the far edge that no window reaches. */
  const unused = lengths.map((length, axis) => length + added(axis) - size - ((outputs[axis] as number) - 1) * stride);
  const z = graph.op('Conv', [input.value, kernel, bias], { pads, strides: ints([stride, stride]) });

  return {
    output: { ...input, value: z, shape: [...outputs, filters] },
    backward: (gradient, needsInput) => ({
      input: needsInput ? byInput(gradient) : undefined,
      arrays: { kernel: byKernel(gradient), bias: sumOver(graph, gradient, [0, 2, 3], false) },
    }),
  };

  function added(axis: number): number {
    const [before = 0, after = 0] = padding[axis] ?? [];
    return before + after;
  }

  function byInput(gradient: Value): Value {
    const strides = ints([stride, stride]);
    return graph.op('ConvTranspose', [gradient, kernel], { pads, strides, output_padding: ints(unused) });
  }

  function byKernel(gradient: Value): Value {
    const [x, dz] = [input.value, gradient].map((value) => graph.op('Transpose', [value], { perm: SWAPPED }));
    const product = graph.op('Conv', [x as Value, dz as Value], { pads, dilations: ints([stride, stride]) });
    const whole = unused.every((count) => count === 0) ? product : firstPlaces(product);
    return graph.op('Transpose', [whole], { perm: SWAPPED });
  }

  /** The kernel's own places: those beyond come from what no window reached. */
  function firstPlaces(product: Value): Value {
    const [from, to, axes] = [
      [0, 0],
      [size, size],
      [2, 3],
    ].map((list) => graph.constant(BigInt64Array.from(list, BigInt)));
    return graph.op('Slice', [product, from as Value, to as Value, axes as Value]);
  }
}
