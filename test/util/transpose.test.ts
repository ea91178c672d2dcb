import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inverseAxes, transpose } from '../../lib/util/transpose.ts';

test('rows and columns change places', () => {
  expect([...transpose(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3], [1, 0])]).toEqual([1, 4, 2, 5, 3, 6]);
});

test('channels go to the front', () => {
  const values = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  expect([...transpose(values, [2, 2, 2], [2, 0, 1])]).toEqual([1, 3, 5, 7, 2, 4, 6, 8]);
});

test('any order of axes is undone by its inverse', () => {
  const cases = fc
    .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
    .chain((shape) =>
      fc.tuple(fc.constant(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
    );
  fc.assert(
    fc.property(cases, ([shape, axes]) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const values = Float32Array.from({ length: size }, (_, at) => at);
      const moved = transpose(values, shape, axes);
      const lengths = axes.map((axis) => shape[axis] as number);
      expect(transpose(moved, lengths, inverseAxes(axes))).toEqual(values);
    }),
  );
});
