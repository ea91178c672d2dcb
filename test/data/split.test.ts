import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashSplit, hashUnit, stratifiedHoldout, stratifiedSubset } from '../../lib/data/split.ts';

const labelled = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 80 }).chain((labels) =>
  fc.record({
    labels: fc.constant(Int32Array.from(labels)),
    share: fc.double({ min: 0.05, max: 0.6, noNaN: true }),
    seed: fc.integer({ min: 1, max: 1000 }),
  }),
);

const countOf = (values: Iterable<number>, wanted: number): number =>
  [...values].filter((value) => value === wanted).length;

test('a row keeps its side of a hash split whatever other rows there are', () => {
  const ids = Int32Array.from({ length: 1000 }, (_, id) => id);
  const whole = hashSplit(ids, 0.15, { seed: 42, name: 'test' });
  const part = hashSplit(ids.slice(300), 0.15, { seed: 42, name: 'test' });
  expect(part).toEqual(whole.slice(300));
});

test('a hash split has about the share asked for, in every class of ids', () => {
  const ids = Int32Array.from({ length: 20_000 }, (_, id) => id);
  const drawn = hashSplit(ids, 0.15, { seed: 7, name: 'test' });
  expect(countOf(drawn, 1) / 20_000).toBeGreaterThan(0.142);
  expect(countOf(drawn, 1) / 20_000).toBeLessThan(0.158);
  for (let digit = 0; digit < 10; digit++) {
    const share = drawn.filter((_, id) => id % 10 === digit).reduce((sum, side) => sum + side, 0) / 2000;
    expect(Math.abs(share - 0.15)).toBeLessThan(0.03);
  }
});

test('splits of different names or seeds are independent', () => {
  const ids = Int32Array.from({ length: 20_000 }, (_, id) => id);
  const first = hashSplit(ids, 0.5, { seed: 7, name: 'test' });
  for (const other of [
    hashSplit(ids, 0.5, { seed: 7, name: 'live' }),
    hashSplit(ids, 0.5, { seed: 8, name: 'test' }),
  ]) {
    const both = first.filter((side, id) => side === 1 && other[id] === 1).length / 20_000;
    expect(Math.abs(both - 0.25)).toBeLessThan(0.01);
  }
});

test('the hash is a number from 0 to below 1 for any id', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 31 - 1 }), (id, seed) => {
      expect(hashUnit(seed, id)).toBeGreaterThanOrEqual(0);
      expect(hashUnit(seed, id)).toBeLessThan(1);
    }),
  );
});

test('a holdout is disjoint, exhaustive and has its share of every class', () => {
  fc.assert(
    fc.property(labelled, ({ labels, share, seed }) => {
      const origins = Int32Array.from(labels.keys());
      const { train, holdout } = stratifiedHoldout(labels, origins, share, seed);
      expect([...train, ...holdout].sort((a, b) => a - b)).toEqual([...labels.keys()]);
      for (const label of new Set(labels)) {
        const rows = countOf(labels, label);
        const held = countOf(
          holdout.map((row) => labels[row] as number),
          label,
        );
        expect(held).toBe(Math.min(rows - 1, Math.max(1, Math.round(rows * share))));
      }
    }),
    { numRuns: 100 },
  );
});

test('a holdout never parts an augmented row from its original', () => {
  fc.assert(
    fc.property(labelled, ({ labels, share, seed }) => {
      const twice = Int32Array.from([...labels, ...labels]);
      const origins = Int32Array.from([...labels.keys(), ...labels.keys()]);
      const { holdout } = stratifiedHoldout(twice, origins, share, seed);
      const held = new Set(holdout);
      for (const row of labels.keys()) expect(held.has(row)).toBe(held.has(row + labels.length));
    }),
    { numRuns: 50 },
  );
});

test('a holdout of nothing holds nothing out', () => {
  expect(stratifiedHoldout(Int32Array.of(0, 0, 1), Int32Array.of(0, 1, 2), 0, 1)).toEqual({
    train: Int32Array.of(0, 1, 2),
    holdout: new Int32Array(),
  });
});

test('a subset has exactly the rows asked for, in order, each stratum within one of its share', () => {
  fc.assert(
    fc.property(labelled, fc.double({ min: 0, max: 1, noNaN: true }), ({ labels, seed }, part) => {
      const count = Math.floor(part * labels.length);
      const rows = stratifiedSubset(labels, count, seed);
      expect(rows.length).toBe(count);
      expect([...rows]).toEqual([...new Set(rows)].sort((a, b) => a - b));
      for (const label of new Set(labels)) {
        const taken = countOf(
          rows.map((row) => labels[row] as number),
          label,
        );
        expect(Math.abs(taken - (countOf(labels, label) * count) / labels.length)).toBeLessThan(1);
      }
    }),
    { numRuns: 100 },
  );
});

test('a subset of more than there is is all of it', () => {
  expect(stratifiedSubset(Int32Array.of(1, 2), 5, 1)).toEqual(Int32Array.of(0, 1));
});
