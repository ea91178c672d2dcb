import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootstrapInterval } from '../../../lib/monitor/statistics/bootstrap.ts';
import { mcnemarExact } from '../../../lib/monitor/statistics/mcnemar.ts';
import { zOf } from '../../../lib/monitor/statistics/normal.ts';
import { differenceInterval, type PairedCounts } from '../../../lib/monitor/statistics/score-interval.ts';
import { createRng } from '../../../lib/util/rng.ts';

/** Every way n rows can fall to either side, counted: the share at least as uneven as the one seen. */
function byEnumeration(first: number, second: number): number {
  const all = first + second;
  let asUneven = 0;
  for (let outcome = 0; outcome < 2 ** all; outcome++) {
    const ones = outcome.toString(2).replaceAll('0', '').length;
    if (Math.abs(2 * ones - all) >= Math.abs(first - second)) asUneven += 1;
  }
  return asUneven / 2 ** all;
}

describe('McNemar’s exact test', () => {
  test('counts what enumeration counts, for every split of up to 12 rows', () => {
    for (let first = 0; first <= 12; first++) {
      for (let second = 0; first + second <= 12; second++) {
        expect(mcnemarExact(first, second)).toBeCloseTo(byEnumeration(first, second), 12);
      }
    }
  });

  // scipy.stats.binomtest(min, sum, 0.5).pvalue
  test.each([
    [12, 2, 0.012939453125],
    [0, 5, 0.0625],
    [0, 6, 0.03125],
    [150, 100, 0.0018833009350761602],
    [510, 490, 0.5479727459234766],
    [3000, 2500, 1.6615256105422665e-11],
    [100_000, 101_000, 0.02586239243973295],
  ])('of %d to %d', (first, second, expected) =>
    expect(Math.abs(mcnemarExact(first, second) / expected - 1)).toBeLessThan(1e-8),
  );

  test('is the same for both sides, and smaller the more uneven the split', () => {
    fc.assert(
      fc.property(fc.nat(3000), fc.nat(3000), (first, second) => {
        const p = mcnemarExact(first, second);
        expect(mcnemarExact(second, first)).toBe(p);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        if (first > second && second > 0)
          expect(mcnemarExact(first + 1, second - 1)).toBeLessThanOrEqual(p * (1 + 1e-9));
      }),
    );
  });
});

/** Tango's statistic with the likeliest nuisance share found by search instead of by formula. */
function scoreBySearch({ rows, onlyChallenger: b, onlyChampion: c }: PairedCounts, difference: number): number {
  const concordant = rows - b - c;
  const log = (count: number, share: number): number => (count === 0 ? 0 : count * Math.log(Math.max(share, 1e-300)));
  const likelihood = (q: number): number =>
    log(b, q + difference) + log(c, q) + log(concordant, 1 - 2 * q - difference);
  let [low, high] = [Math.max(0, -difference), (1 - difference) / 2];
  for (let step = 0; step < 200; step++) {
    const [left, right] = [low + (high - low) / 3, high - (high - low) / 3];
    if (likelihood(left) < likelihood(right)) low = left;
    else high = right;
  }
  const q = (low + high) / 2;
  return (b - c - rows * difference) / Math.sqrt(rows * (2 * q + difference - difference * difference));
}

const paired = fc
  .tuple(fc.integer({ min: 1, max: 400 }), fc.nat(60), fc.nat(60))
  .map(([rows, b, c]) => ({ rows: rows + b + c, onlyChallenger: b, onlyChampion: c }));

describe('the interval of a paired difference', () => {
  test('has no discordant row at ± z²/(n + z²)', () => {
    const end = zOf(0.95) ** 2 / (10 + zOf(0.95) ** 2);
    const interval = differenceInterval({ rows: 10, onlyChallenger: 0, onlyChampion: 0 }, 0.95);
    expect(interval?.value).toBe(0);
    expect(interval?.low).toBeCloseTo(-end, 9);
    expect(interval?.high).toBeCloseTo(end, 9);
  });

  test('ends where the score, found by search, is z', () => {
    fc.assert(
      fc.property(paired, (counts) => {
        const interval = differenceInterval(counts, 0.95);
        if (interval === null) throw new Error('there are rows');
        for (const end of [interval.low, interval.high]) {
          if (Math.abs(end) > 0.999) continue;
          expect(Math.abs(scoreBySearch(counts, end))).toBeCloseTo(zOf(0.95), 3);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is mirrored when the two models are', () => {
    fc.assert(
      fc.property(paired, (counts) => {
        const there = differenceInterval(counts, 0.9);
        const back = differenceInterval(
          { rows: counts.rows, onlyChallenger: counts.onlyChampion, onlyChampion: counts.onlyChallenger },
          0.9,
        );
        expect(there?.low).toBeCloseTo(-(back?.high ?? Number.NaN), 9);
        expect(there?.high).toBeCloseTo(-(back?.low ?? Number.NaN), 9);
      }),
    );
  });

  test('holds its value, and is wider for more confidence and for fewer rows', () => {
    fc.assert(
      fc.property(paired, ({ rows, onlyChallenger, onlyChampion }) => {
        const of = (times: number, confidence: number) =>
          differenceInterval(
            { rows: rows * times, onlyChallenger: onlyChallenger * times, onlyChampion: onlyChampion * times },
            confidence,
          ) ?? { value: 0, low: 0, high: 0 };
        const [usual, sure, many] = [of(1, 0.95), of(1, 0.99), of(4, 0.95)];
        expect(usual.low).toBeLessThanOrEqual(usual.value + 1e-12);
        expect(usual.high).toBeGreaterThanOrEqual(usual.value - 1e-12);
        expect(sure.high - sure.low).toBeGreaterThanOrEqual(usual.high - usual.low - 1e-12);
        expect(many.high - many.low).toBeLessThan(usual.high - usual.low);
      }),
    );
  });

  // Coverage by simulation: of 2,000 draws 95 % has a standard error of half a point.
  test.each([
    ['many rows, few mistakes', 2000, 0.01, 0.006],
    ['few rows', 60, 0.08, 0.05],
    ['hardly any discordant row', 300, 0.01, 0.002],
    ['equal models', 500, 0.02, 0.02],
  ])('holds the truth as often as it says: %s', (_, rows, challenger, champion) => {
    const rng = createRng(7);
    let held = 0;
    for (let draw = 0; draw < 2000; draw++) {
      let [onlyChallenger, onlyChampion] = [0, 0];
      for (let row = 0; row < rows; row++) {
        const unit = rng.next();
        if (unit < challenger) onlyChallenger += 1;
        else if (unit < challenger + champion) onlyChampion += 1;
      }
      const interval = differenceInterval({ rows, onlyChallenger, onlyChampion }, 0.95);
      const truth = challenger - champion;
      if (interval !== null && interval.low <= truth && truth <= interval.high) held += 1;
    }
    expect(held / 2000).toBeGreaterThan(0.935);
    expect(held / 2000).toBeLessThan(0.985);
  });

  test('of no rows there is none', () =>
    expect(differenceInterval({ rows: 0, onlyChallenger: 0, onlyChampion: 0 }, 0.95)).toBeNull());
});

/** Kinds: 0 alike, 1 only the challenger right, 2 only the champion right. */
const difference = (counts: Int32Array): number => {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  return ((counts[1] ?? 0) - (counts[2] ?? 0)) / rows;
};

describe('the bootstrap', () => {
  const kinds = Int32Array.from({ length: 400 }, (_, row) => (row < 40 ? 1 : row < 60 ? 2 : 0));
  const run = (seed: number, confidence = 0.95) =>
    bootstrapInterval({ kinds, statistic: difference, confidence, seed });

  test('gives the same numbers for the same seed, and nearly the same for another', () => {
    expect(run(1)).toEqual(run(1));
    expect(run(2)).not.toEqual(run(1));
    expect(Math.abs((run(2)?.low ?? 9) - (run(1)?.low ?? 0))).toBeLessThan(0.01);
  });

  test('agrees with the formula where there is one', () => {
    const formula = differenceInterval({ rows: 400, onlyChallenger: 40, onlyChampion: 20 }, 0.95);
    expect(run(3)?.value).toBe(0.05);
    expect(Math.abs((run(3)?.low ?? 9) - (formula?.low ?? 0))).toBeLessThan(0.008);
    expect(Math.abs((run(3)?.high ?? 9) - (formula?.high ?? 0))).toBeLessThan(0.008);
  });

  test('holds the truth about as often as it says', () => {
    const rng = createRng(11);
    let held = 0;
    for (let draw = 0; draw < 300; draw++) {
      const drawn = Int32Array.from({ length: 200 }, () => {
        const unit = rng.next();
        return unit < 0.1 ? 1 : unit < 0.15 ? 2 : 0;
      });
      const interval = bootstrapInterval({
        kinds: drawn,
        statistic: difference,
        confidence: 0.95,
        seed: draw + 1,
        resamples: 400,
      });
      if (interval !== null && interval.low <= 0.05 && 0.05 <= interval.high) held += 1;
    }
    expect(held / 300).toBeGreaterThan(0.9);
    expect(held / 300).toBeLessThan(0.99);
  });

  test('draws as often as a confidence needs: of two thousand the ends are those of 99.9 %', () => {
    let drawn = 0;
    const kinds = Int32Array.from({ length: 100 }, (_, row) => row % 2);
    const statistic = (counts: Int32Array): number => {
      drawn += 1;
      return counts[0] as number;
    };
    const interval = bootstrapInterval({ kinds, statistic, confidence: 0.9999, seed: 1 });
    expect(drawn).toBe(1 + 20_000);
    // The exact ends are those of Bin(100, 1/2): 31 and 69.
    expect(interval?.low).toBeLessThanOrEqual(32);
    expect(interval?.high).toBeGreaterThanOrEqual(68);
  });

  test('of no rows is none', () => {
    const none = bootstrapInterval({ kinds: new Int32Array(), statistic: difference, confidence: 0.95, seed: 1 });
    expect(none).toBeNull();
  });
});
