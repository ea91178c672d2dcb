import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gammaQ, logGamma } from '../../../lib/monitor/statistics/gamma.ts';
import { compareCounts } from '../../../lib/monitor/statistics/homogeneity.ts';
import { zOf } from '../../../lib/monitor/statistics/normal.ts';

/** Expectations of this file were computed with SciPy 1.17. */
describe('the functions that tests rest on', () => {
  test.each([
    [0.1, 2.252712651734206],
    [0.5, 0.5723649429247],
    [3.5, 1.2009736023470743],
    [100, 359.1342053695754],
    [1e6, 12815504.569147611],
  ])('ln Γ(%d)', (x, expected) => expect(Math.abs(logGamma(x) / expected - 1)).toBeLessThan(1e-13));

  test.each([
    [0.5, 0.1, 0.6547208460185768],
    [0.5, 8, 6.334248366623988e-5],
    [4.5, 3, 0.7399182920946538],
    [4.5, 20, 7.598525229464264e-6],
    [50, 40, 0.9296649333406051],
    [500, 560, 0.004693165999294767],
    [3, 0, 1],
  ])('Q(%d, %d)', (a, x, expected) => expect(Math.abs(gammaQ(a, x) / expected - 1)).toBeLessThan(1e-11));

  test.each([
    [0.5, 0.6744897501960817],
    [0.95, 1.959963984540054],
    [0.975, 2.241402727604945],
    [0.999999, 4.8916384756929325],
  ])('z of %d', (confidence, expected) => expect(zOf(confidence)).toBeCloseTo(expected, 10));
});

describe('two lists of counts by class', () => {
  test('are compared by the shares that differ, and by chance', () => {
    const compared = compareCounts([90, 110, 100], [120, 95, 85]);
    expect(compared?.totalVariation).toBeCloseTo(0.1, 12);
    expect(compared?.pValue).toBeCloseTo(0.03689254655307179, 12);
  });

  test('of ten times the rows are as far apart, and less likely so by chance', () => {
    const few = compareCounts([9, 11, 10], [12, 9, 9]);
    const many = compareCounts([90, 110, 100], [120, 90, 90]);
    expect(few?.totalVariation).toBeCloseTo(many?.totalVariation ?? Number.NaN, 12);
    expect(few?.pValue).toBeGreaterThan(0.5);
    expect(many?.pValue).toBeLessThan(0.1);
  });

  test.each([
    ['nothing in common', [10, 0], [0, 10], 1],
    ['one class alone', [10, 0], [7, 0], 0],
  ])('with %s', (_, first, second, distance) => expect(compareCounts(first, second)?.totalVariation).toBe(distance));

  test('with one class alone leave nothing to test', () => expect(compareCounts([10, 0], [7, 0])?.pValue).toBe(1));

  test('without rows cannot be compared', () => {
    expect(compareCounts([], [])).toBeNull();
    expect(compareCounts([0, 0], [3, 4])).toBeNull();
  });

  test('are as far apart either way', () => {
    const counts = fc.array(fc.nat(500), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(counts, counts, (first, second) => {
        const length = Math.min(first.length, second.length);
        const [a, b] = [first.slice(0, length), second.slice(0, length)];
        const [there, back] = [compareCounts(a, b), compareCounts(b, a)];
        expect(there === null).toBe(back === null);
        if (there === null || back === null) return;
        expect(there.totalVariation).toBeCloseTo(back.totalVariation, 12);
        expect(there.pValue).toBeCloseTo(back.pValue, 9);
        expect(there.totalVariation).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });
});
