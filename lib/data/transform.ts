import type { Transform } from '../domain/model.ts';
import type { ColumnData } from './npy.ts';

/** Maps 0..max to 0..1, the same for every feature: what is stored in the model as its `rescaling` layer. */
export const unitScale = (max = 255): Transform => ({ kind: 'affine', scale: [1 / max], offset: [0] });

/**
 * Mean 0 and standard deviation 1 for each of `width` columns of row-major values, so that no column counts for more because of
 * its unit; a column that never changes is only moved to 0.
 */
export function standardScale(raw: ColumnData, width: number): Transform {
  const rows = width === 0 ? 0 : raw.length / width;
  const means = new Float64Array(width);
  const squares = new Float64Array(width);
  raw.forEach((value, at) => {
    means[at % width] = (means[at % width] as number) + value / rows;
  });
  raw.forEach((value, at) => {
    squares[at % width] = (squares[at % width] as number) + (value - (means[at % width] as number)) ** 2 / rows;
  });
  const isSame = constantColumns(raw, width);
  // Rounding leaves a constant column a mean that is not quite its value, and a deviation of nearly nothing to divide by.
  // And engines take the mean off as a 32-bit float: it is one from here on, so that all of them take off the same.
  isSame.forEach((same, column) => {
    means[column] = Math.fround(same === 1 ? (raw[column] ?? 0) : (means[column] as number));
  });
  const scale = [...squares].map((square, column) => (isSame[column] === 1 ? 1 : 1 / Math.sqrt(square)));
  // Not -0, which JSON would not keep.
  const offset = scale.map((factor, column) => 0 - (means[column] as number) * factor);
  return { kind: 'affine', scale, offset };
}

/** Which columns hold one value in every row: 1 for those. */
function constantColumns(raw: ColumnData, width: number): Uint8Array {
  const isSame = new Uint8Array(width).fill(1);
  raw.forEach((value, at) => {
    if (value !== raw[at % width]) isSame[at % width] = 0;
  });
  return isSame;
}

/** The raw value that becomes 0, as 32-bit floats hold it: taken off first, it costs large values (a year, a time) no digits. */
export const centresOf = ({ scale, offset }: Transform): Float32Array =>
  Float32Array.from(scale, (factor, at) => 0 - (offset[at] as number) / factor);

/**
 * x * scale + offset for `rows` rows of raw features, row-major. A transform with several pairs has one per feature of a
 * row; anything else is a bug and throws.
 */
export function applyTransform(transform: Transform, raw: ColumnData, rows: number): Float32Array {
  const { scale, offset } = transform;
  const width = rows === 0 ? 0 : raw.length / rows;
  const isPerFeature = scale.length !== 1;
  if (scale.length !== offset.length || (isPerFeature && scale.length !== width && rows > 0)) {
    throw new Error(
      `a transform of ${scale.length} scales and ${offset.length} offsets does not fit ${width} features`,
    );
  }
  const scaled = new Float32Array(raw.length);
  for (let at = 0; at < raw.length; at++) {
    const pair = isPerFeature ? at % width : 0;
    scaled[at] = (raw[at] as number) * (scale[pair] as number) + (offset[pair] as number);
  }
  return scaled;
}
