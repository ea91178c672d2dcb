import type { RawRows } from '../batch-queue.ts';

export interface ByteTarget {
  readonly to: Uint8Array;
  readonly at: number;
  readonly width: number;
}

/**
 * Copies `width` values as bytes, for the record: what a model is trained on is bytes, so that is what a label can be learned
 * with. False where a value is no whole number from 0 to 255.
 */
export function copyAsBytes(values: RawRows, from: number, target: ByteTarget): boolean {
  if (values instanceof Float32Array) return copyNumbers(values, from, target);
  const { to, at, width } = target;
  to.set(values.length === width ? values : values.subarray(from, from + width), at);
  return true;
}

function copyNumbers(values: Float32Array, from: number, { to, at, width }: ByteTarget): boolean {
  for (let one = 0; one < width; one++) {
    const value = values[from + one] as number;
    to[at + one] = value;
    if (to[at + one] !== value) return false;
  }
  return true;
}
