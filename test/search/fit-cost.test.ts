import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitCost } from '../../lib/search/fit-cost.ts';

const HIDDEN = { 50: 39_760, 100: 79_510 };

test('ranks fits as they took: 50 and 100 hidden units, in batches of 64 and 128', () => {
  // Microseconds a row, as measured for one perceptron of MNIST after the other.
  const measured = [
    { weights: HIDDEN[50], batch: 128, took: 2.4 },
    { weights: HIDDEN[50], batch: 64, took: 3.2 },
    { weights: HIDDEN[100], batch: 128, took: 4.3 },
    { weights: HIDDEN[100], batch: 64, took: 5.4 },
  ];
  const costs = measured.map(({ weights, batch }) => fitCost({ epochs: 1, batch }, weights));
  expect(costs).toEqual([...costs].sort((a, b) => a - b));
  const last = costs.at(-1) as number;
  for (const [at, { took }] of measured.entries()) expect((costs[at] as number) / last).toBeCloseTo(took / 5.4, 1);
});

test('more epochs, more weights and smaller batches never cost less', () => {
  const size = fc.integer({ min: 1, max: 10_000 });
  fc.assert(
    fc.property(size, size, size, (epochs, batch, weights) => {
      const cost = fitCost({ epochs, batch }, weights);
      expect(fitCost({ epochs: epochs + 1, batch }, weights)).toBeGreaterThan(cost);
      expect(fitCost({ epochs, batch }, weights + 1)).toBeGreaterThan(cost);
      expect(fitCost({ epochs, batch: batch + 1 }, weights)).toBeLessThan(cost);
    }),
  );
});
