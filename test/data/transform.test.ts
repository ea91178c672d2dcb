import { describe, expect, test } from 'vitest';
import { applyTransform, standardScale, unitScale } from '../../lib/data/transform.ts';

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

describe('a standard scale', () => {
  test('gives every column of a table mean 0 and deviation 1', () => {
    const raw = Float32Array.of(1, 100, 3, 300, 5, 500);
    const scaled = applyTransform(standardScale(raw, 2), raw, 3);
    const step = Math.sqrt(3 / 2);
    [-step, -step, 0, 0, step, step].forEach((value, at) => {
      expect(scaled[at]).toBeCloseTo(value, 6);
    });
  });

  test('only moves a column that never changes', () => {
    expect(standardScale(Float32Array.of(7, 1, 7, 3), 2)).toEqual({ kind: 'affine', scale: [1, 1], offset: [-7, -2] });
  });

  test.each([0.1, 3.7, 1_700_000_000])('of a column of nothing but %d divides by no rounding', (value) => {
    const raw = Float32Array.from({ length: 3000 }, () => value);
    const scale = standardScale(raw, 1);
    expect(scale).toEqual({ kind: 'affine', scale: [1], offset: [-Math.fround(value)] });
    expect(applyTransform(scale, raw, 3000).every((scaled) => scaled === 0)).toBe(true);
  });

  test('leaves rows of nothing as they are', () => {
    expect(standardScale(new Float32Array(), 2)).toEqual({ kind: 'affine', scale: [1, 1], offset: [0, 0] });
  });
});
