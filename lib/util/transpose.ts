/** The product of a shape's lengths. */
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/**
 * The values of an array of `shape`, row-major, as they lie when its axes are put in the order of `axes`: axis `at` of
 * what comes out is axis `axes[at]` of what goes in.
 */
export function transpose<T extends Float32Array | Uint8Array>(
  values: T,
  shape: readonly number[],
  axes: readonly number[],
): T {
  if (axes.every((axis, at) => axis === at)) return values;
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const lengths = axes.map((axis) => shape[axis] as number);
  const steps = axes.map((axis) => strides[axis] as number);
  const moved = values.slice() as T;
  // The innermost axis is a loop of its own: all else happens once for each run along it.
  const [run = 1, step = 0] = [lengths.at(-1), steps.at(-1)];
  const position = lengths.map(() => 0);
  let from = 0;
  for (let to = 0; to < moved.length; to += run) {
    for (let at = 0, source = from; at < run; at++, source += step) moved[to + at] = values[source] as number;
    for (let axis = lengths.length - 2; axis >= 0; axis--) {
      position[axis] = (position[axis] as number) + 1;
      from += steps[axis] as number;
      if ((position[axis] as number) < (lengths[axis] as number)) break;
      from -= (steps[axis] as number) * (lengths[axis] as number);
      position[axis] = 0;
    }
  }
  return moved;
}

/** The order that undoes an order of axes. */
export const inverseAxes = (axes: readonly number[]): number[] => axes.map((_, axis) => axes.indexOf(axis));
