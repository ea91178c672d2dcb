import { describe, expect, test } from 'vitest';
import { rateAt } from '../../lib/ml/schedule.ts';

const rates = (schedule: Parameters<typeof rateAt>[0], epochs: number): number[] =>
  Array.from({ length: epochs }, (_, index) => Number(rateAt(schedule, 0.1, { epoch: index + 1, epochs }).toFixed(6)));

describe('a learning rate', () => {
  test('stays', () => expect(rates({ type: 'constant' }, 3)).toEqual([0.1, 0.1, 0.1]));

  test('falls in steps', () =>
    expect(rates({ type: 'step', every: 2, factor: 0.5 }, 5)).toEqual([0.1, 0.1, 0.05, 0.05, 0.025]));

  test('falls along a cosine', () => expect(rates({ type: 'cosine' }, 4)).toEqual([0.1, 0.085355, 0.05, 0.014645]));
});
