import type { Transform } from '../domain/model.ts';
import type { ColumnData } from './npy.ts';

/** Maps 0..max to 0..1, the same for every feature: what is stored in the model as its `rescaling` layer. */
export const unitScale = (max = 255): Transform => ({ kind: 'affine', scale: [1 / max], offset: [0] });

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
