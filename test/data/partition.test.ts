import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDataset } from '../../lib/data/dataset.ts';
import { limitRows, partitionDataset } from '../../lib/data/partition.ts';
import { FEEDBACK_IDS_FROM } from '../../lib/data/row-ids.ts';
import { messageOf, unwrap } from './failed.ts';

/** `source` rows, of which the last `test` are the source's own test set, then rows of feedback. */
function rows({ source, test = 0, feedback = 0 }: { source: number; test?: number; feedback?: number }) {
  const total = source + feedback;
  const columns = {
    label: Int32Array.from({ length: total }, (_, row) => row % 2),
    id: Int32Array.from({ length: total }, (_, row) => (row < source ? row : FEEDBACK_IDS_FROM + row)),
    split: Uint8Array.from({ length: total }, (_, row) => (row >= source - test && row < source ? 1 : 0)),
    value: Float32Array.from({ length: total }, (_, row) => row),
  };
  return unwrap(createDataset({ columns, classes: ['a', 'b'] }));
}

test('training, test and live rows are disjoint and together all rows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.boolean(), (seed, hasTest) => {
      const dataset = rows({ source: 300, test: hasTest ? 40 : 0, feedback: 10 });
      const { train, test: held, live } = unwrap(partitionDataset(dataset, { test: 0.15, live: 0.1 }, seed));
      const all = [...train.ids, ...held.ids, ...live.ids].sort((a, b) => a - b);
      expect(all).toEqual([...dataset.ids]);
    }),
    { numRuns: 30 },
  );
});

test("the source's own test rows are the test set, whatever the share", () => {
  const { test: held, live } = unwrap(partitionDataset(rows({ source: 300, test: 40 }), { test: 0.5, live: 0.1 }, 1));
  expect([...held.ids]).toEqual(Array.from({ length: 40 }, (_, at) => 260 + at));
  expect(live.rows).toBeGreaterThan(10);
  expect(live.ids.every((id) => id < 260)).toBe(true);
});

test('feedback only ever trains, and changes the place of no other row', () => {
  const shares = { test: 0.2, live: 0.2 };
  const before = unwrap(partitionDataset(rows({ source: 500 }), shares, 9));
  const after = unwrap(partitionDataset(rows({ source: 500, feedback: 100 }), shares, 9));
  expect(after.test.ids).toEqual(before.test.ids);
  expect(after.live.ids).toEqual(before.live.ids);
  expect(after.train.rows).toBe(before.train.rows + 100);
});

test('copies of a row go where it goes: those of a test or live row neither train nor score', () => {
  const copies = 3;
  const total = 400 * (1 + copies);
  const columns = {
    label: Int32Array.from({ length: total }, (_, row) => row % 2),
    id: Int32Array.from({ length: total }, (_, row) => row),
    origin: Int32Array.from({ length: total }, (_, row) => row % 400),
    value: Float32Array.from({ length: total }, (_, row) => row),
  };
  const whole = unwrap(createDataset({ columns, classes: ['a', 'b'] }));
  for (const ownTest of [false, true]) {
    const split = Uint8Array.from({ length: total }, (_, row) => (ownTest && row < 40 ? 1 : 0));
    const dataset = { ...whole, split };
    const { train, test: held, live } = unwrap(partitionDataset(dataset, { test: 0.2, live: 0.2 }, 3));
    for (const part of [held, live]) {
      expect(part.rows).toBeGreaterThan(30);
      expect(part.origins).toEqual(part.ids);
    }
    const away = new Set([...held.ids, ...live.ids]);
    expect(train.origins.some((origin) => away.has(origin))).toBe(false);
    expect(train.rows).toBe((400 - away.size) * (1 + copies));
  }
});

test('no test rows, and a class without training rows, are failures', () => {
  expect(messageOf(partitionDataset(rows({ source: 100 }), { test: 0, live: 0 }, 1))).toBe(
    'Too few rows for the test set: 0, at least 1 needed.',
  );
  const columns = { label: Int32Array.of(0, 0, 1), split: Uint8Array.of(0, 0, 1), value: Float32Array.of(1, 2, 3) };
  const dataset = unwrap(createDataset({ columns, classes: ['cat', 'dog'] }));
  expect(messageOf(partitionDataset(dataset, { test: 0, live: 0 }, 1))).toBe(
    "Too few rows for class 'dog' in the training rows: 0, at least 1 needed.",
  );
});

test('limited rows keep the share of every class in both splits', () => {
  const limited = limitRows(rows({ source: 600, test: 100 }), 60, 5);
  expect(limited.rows).toBe(60);
  expect(limited.split.filter((side) => side === 1)).toHaveLength(10);
  expect(limited.labels.filter((label, row) => label === 1 && limited.split[row] === 1)).toHaveLength(5);
  const whole = rows({ source: 6 });
  expect(limitRows(whole, undefined, 1)).toBe(whole);
  expect(limitRows(whole, 6, 1)).toBe(whole);
});
