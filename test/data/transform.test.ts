import { expect, test } from 'vitest';
import { applyTransform, unitScale } from '../../lib/data/transform.ts';

test('unit scale maps 0 to 0, 255 to 1 and the middle between', () => {
  expect(applyTransform(unitScale(), Uint8Array.of(0, 51, 255), 3)).toEqual(Float32Array.of(0, 51 * (1 / 255), 1));
  expect(unitScale(15)).toEqual({ kind: 'affine', scale: [1 / 15], offset: [0] });
});

test('one pair per feature is applied to its own column', () => {
  const transform = { kind: 'affine', scale: [2, 10], offset: [1, 0] } as const;
  expect(applyTransform(transform, Int32Array.of(1, 2, 3, 4), 2)).toEqual(Float32Array.of(3, 20, 7, 40));
});

test('a transform of another width than the rows is a bug', () => {
  const transform = { kind: 'affine', scale: [2, 10], offset: [1, 0] } as const;
  expect(() => applyTransform(transform, Int32Array.of(1, 2, 3), 1)).toThrow(
    'a transform of 2 scales and 2 offsets does not fit 3 features',
  );
});
