import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stratifiedFolds } from '../../lib/data/folds.ts';
import { messageOf, unwrap } from './failed.ts';

/** Labels with at least `folds` rows of every class, and copies of some rows. */
const cases = fc
  .record({
    folds: fc.integer({ min: 2, max: 5 }),
    counts: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 5 }),
    copied: fc.array(fc.nat(30), { maxLength: 12 }),
    order: fc.integer({ min: 1, max: 1000 }),
    seed: fc.integer({ min: 1, max: 1000 }),
  })
  .map(({ folds, counts, copied, order, seed }) => {
    const labels = counts.flatMap((extra, label) => Array<number>(extra + folds).fill(label));
    labels.sort((a, b) => ((a * 31 + order) % 7) - ((b * 31 + order) % 7));
    const originals = labels.length;
    const origins = [...labels.keys(), ...copied.map((row) => row % originals)];
    const all = origins.map((origin) => labels[origin] as number);
    return {
      folds,
      seed,
      originals,
      classes: counts.length,
      labels: Int32Array.from(all),
      origins: Int32Array.from(origins),
    };
  });

test('every row is in exactly one fold, and every fold has its share of every class', () => {
  fc.assert(
    fc.property(cases, ({ folds, seed, originals, classes, labels, origins }) => {
      const fold = unwrap(stratifiedFolds(labels, origins, folds, seed));
      expect(fold.length).toBe(labels.length);
      const sizes = Array<number>(folds).fill(0);
      for (let label = 0; label < classes; label++) {
        const perFold = Array<number>(folds).fill(0);
        for (let row = 0; row < originals; row++) {
          if (labels[row] !== label) continue;
          perFold[fold[row] as number] = (perFold[fold[row] as number] ?? 0) + 1;
        }
        expect(Math.max(...perFold) - Math.min(...perFold)).toBeLessThanOrEqual(1);
        perFold.forEach((count, at) => {
          sizes[at] = (sizes[at] ?? 0) + count;
        });
      }
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 100 },
  );
});

test('an augmented row is in the fold of its original', () => {
  fc.assert(
    fc.property(cases, ({ folds, seed, labels, origins }) => {
      const fold = unwrap(stratifiedFolds(labels, origins, folds, seed));
      origins.forEach((origin, row) => {
        expect(fold[row]).toBe(fold[origin]);
      });
    }),
    { numRuns: 100 },
  );
});

test('copies of rows move no original to another fold', () => {
  fc.assert(
    fc.property(cases, ({ folds, seed, originals, labels, origins }) => {
      const all = unwrap(stratifiedFolds(labels, origins, folds, seed));
      const alone = unwrap(stratifiedFolds(labels.slice(0, originals), origins.slice(0, originals), folds, seed));
      expect(all.slice(0, originals)).toEqual(alone);
    }),
    { numRuns: 50 },
  );
});

test('renaming the classes changes no fold', () => {
  fc.assert(
    fc.property(cases, ({ folds, seed, labels, origins }) => {
      const renamed = labels.map((label) => 90 - 7 * label);
      expect(unwrap(stratifiedFolds(renamed, origins, folds, seed))).toEqual(
        unwrap(stratifiedFolds(labels, origins, folds, seed)),
      );
    }),
    { numRuns: 50 },
  );
});

test('the same seed deals the same folds, another seed others', () => {
  const labels = Int32Array.from({ length: 60 }, (_, row) => row % 3);
  const origins = Int32Array.from(labels.keys());
  const deal = (seed: number) => unwrap(stratifiedFolds(labels, origins, 3, seed));
  expect(deal(1)).toEqual(deal(1));
  expect(deal(1)).not.toEqual(deal(2));
});

test('more folds than the smallest class has rows is a failure that says so', () => {
  const labels = Int32Array.of(0, 0, 0, 1, 1, 0, 1, 1);
  // Rows 6 and 7 are copies of row 3.
  const origins = Int32Array.of(0, 1, 2, 3, 4, 5, 3, 3);
  expect(messageOf(stratifiedFolds(labels, origins, 3, 1))).toBe(
    'Class 1 has 2 rows, too few for 3 folds: every fold needs one.\nSet folds to 2 or less, or collect more rows.',
  );
  expect(messageOf(stratifiedFolds(Int32Array.of(0, 0, 7), Int32Array.of(0, 1, 2), 2, 1))).toBe(
    'Class 7 has 1 row, too few for 2 folds: every fold needs one.\nCollect at least 2 rows of it.',
  );
});

test('one fold is no cross-validation', () => {
  expect(messageOf(stratifiedFolds(Int32Array.of(0), Int32Array.of(0), 1, 1))).toBe(
    'Too few rows for cross-validation (folds): 1, at least 2 needed.',
  );
});
