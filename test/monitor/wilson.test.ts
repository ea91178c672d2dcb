import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wilson } from '../../lib/monitor/wilson.ts';

const shown = (successes: number, rows: number): (string | undefined)[] => {
  const interval = wilson(successes, rows);
  return [interval?.low.toFixed(4), interval?.high.toFixed(4)];
};

test('intervals are those of the published tables', () => {
  expect(shown(50, 100)).toEqual(['0.4038', '0.5962']);
  expect(shown(0, 10)).toEqual(['0.0000', '0.2775']);
  expect(shown(10, 10)).toEqual(['0.7225', '1.0000']);
  expect(shown(81, 263)).toEqual(['0.2553', '0.3662']);
});

test('no rows have no interval', () => expect(wilson(0, 0)).toBeNull());

test('an interval holds its value, stays in 0 to 1, and shrinks as rows come', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 0, max: 1, noNaN: true }), (rows, share) => {
      const hits = Math.round(share * rows);
      const few = wilson(hits, rows);
      const many = wilson(hits * 4, rows * 4);
      if (few === null || many === null) throw new Error('there are rows');
      expect(few.low).toBeGreaterThanOrEqual(0);
      expect(few.high).toBeLessThanOrEqual(1);
      expect(few.low).toBeLessThanOrEqual(few.value + 1e-12);
      expect(few.high).toBeGreaterThanOrEqual(few.value - 1e-12);
      expect(many.high - many.low).toBeLessThan(few.high - few.low);
    }),
  );
});
