import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countBins, quantileEdges } from '../../../lib/monitor/statistics/bins.ts';
import { kolmogorovTail, ksDistance, ksTest } from '../../../lib/monitor/statistics/kolmogorov.ts';
import { poolRare } from '../../../lib/monitor/statistics/pool-rare.ts';
import { stabilityIndex } from '../../../lib/monitor/statistics/psi.ts';

const few = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 30 });
const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

describe('the two-sample Kolmogorov-Smirnov test', () => {
  test('finds the distance that counting at every value finds', () => {
    const below = (values: readonly number[], at: number): number =>
      values.filter((value) => value <= at).length / values.length;
    fc.assert(
      fc.property(few, few, (first, second) => {
        const brute = Math.max(...[...first, ...second].map((at) => Math.abs(below(first, at) - below(second, at))));
        expect(ksDistance(ascending(first), ascending(second))).toBeCloseTo(brute, 12);
      }),
    );
  });

  // Critical points of Kolmogorov's distribution (Smirnov, 1948, table of the limiting distribution).
  test.each([
    [1.2238, 0.1],
    [1.3581, 0.05],
    [1.4802, 0.025],
    [1.6276, 0.01],
    [1.9495, 0.001],
  ])('is above %d with a chance of %d', (lambda, chance) => expect(kolmogorovTail(lambda) / chance).toBeCloseTo(1, 3));

  test('has two forms of its tail that meet', () => {
    expect(kolmogorovTail(1 - 1e-9)).toBeCloseTo(kolmogorovTail(1), 8);
    expect(kolmogorovTail(0)).toBe(1);
    expect(kolmogorovTail(0.05)).toBe(1);
  });

  test('takes what is no number for the largest of all', () => {
    expect(ksDistance([1, 2, Number.NaN], [1, 2, 3, Number.NaN])).toBeCloseTo(2 / 3 - 2 / 4, 12);
    expect(ksDistance([Number.NaN, Number.NaN], [1, Number.NaN])).toBe(0.5);
    expect(countBins([1, Number.NaN], [0, 5])).toEqual([0, 1, 1]);
  });

  test('says nothing without rows', () => expect(ksTest([], [1])).toBeNull());
});

describe('the bins', () => {
  test('are deciles, each edge once', () => {
    expect(quantileEdges(Array.from({ length: 100 }, (_, at) => at))).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
    expect(quantileEdges([0, 0, 0, 0, 0, 0, 0, 1, 2, 3])).toEqual([1, 2, 3]);
    expect(quantileEdges([4, 4, 4])).toEqual([]);
    expect(quantileEdges([])).toEqual([]);
  });

  test('hold every value, in the bin between its edges', () => {
    expect(countBins([-9, 0.9, 1, 1.5, 2, 99], [1, 2])).toEqual([2, 2, 2]);
    fc.assert(
      fc.property(few, few, (values, edges) => {
        const counts = countBins(values, ascending([...new Set(edges)]));
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
      }),
    );
  });
});

describe('the stability index', () => {
  test('is the sum a table gives', () => {
    // 0.4 ln(0.6/0.2) - 0.4 ln(0.4/0.8)
    expect(stabilityIndex([60, 40], [20, 80])?.value).toBeCloseTo(0.4 * Math.log(3) + 0.4 * Math.log(2), 12);
    expect(stabilityIndex([5, 5], [50, 50])).toEqual({ value: 0, pValue: 1 });
    expect(stabilityIndex([], [1])).toBeNull();
  });

  test('takes an empty bin as a share of 0.0001, and leaves out one that is empty in both', () => {
    expect(stabilityIndex([100, 0, 0], [50, 50, 0])?.value).toBeCloseTo(
      0.5 * Math.log(2) + (1e-4 - 0.5) * Math.log(1e-4 / 0.5),
      12,
    );
  });

  test('of few rows is not taken for a shift', () => {
    const small = stabilityIndex([12, 8, 11, 9], [100, 100, 100, 100]);
    const large = stabilityIndex([1200, 800, 1100, 900], [10_000, 10_000, 10_000, 10_000]);
    expect(small?.value).toBeCloseTo(large?.value ?? Number.NaN, 12);
    expect(small?.pValue).toBeGreaterThan(0.5);
    expect(large?.pValue).toBeLessThan(1e-6);
  });

  test('is never negative and the same either way', () => {
    const counts = fc.array(fc.nat(50), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(counts, counts, (first, second) => {
        const [there, back] = [stabilityIndex(first, second), stabilityIndex(second, first)];
        expect(there?.value ?? 0).toBeCloseTo(back?.value ?? 0, 10);
        expect(there?.value ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

test('rare classes are put together, and no row is lost', () => {
  expect(poolRare([50, 1, 40, 2], [500, 10, 400, 20])).toEqual({ first: [50, 40, 3], second: [500, 400, 30] });
  expect(poolRare([50, 60], [50, 60])).toEqual({ first: [50, 60], second: [50, 60] });
});
