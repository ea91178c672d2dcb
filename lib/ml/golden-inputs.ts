import type { ColumnType } from '../domain/dataset.ts';
import type { GoldenBatch } from '../domain/model.ts';
import type { Rows } from './engine.ts';

const ARRAYS: Readonly<Record<ColumnType, (bytes: Uint8Array<ArrayBuffer>) => Rows['inputs']>> = {
  uint8: (bytes) => bytes,
  int32: ({ buffer }) => new Int32Array(buffer),
  float32: ({ buffer }) => new Float32Array(buffer),
};

/** The raw rows of a golden batch as training saw them. */
export function goldenInputs({ inputs, dtype = 'uint8' }: Pick<GoldenBatch, 'inputs' | 'dtype'>): Rows['inputs'] {
  // Memory of its own: a buffer from text may begin anywhere, and wider numbers may not.
  return ARRAYS[dtype](Uint8Array.from(Buffer.from(inputs, 'base64')));
}
