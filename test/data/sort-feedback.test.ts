import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LearnableRow } from '../../lib/data/feedback-rows.ts';
import { sortFeedback } from '../../lib/data/sort-feedback.ts';

const row = (labelId: number, input: number, label = 0): LearnableRow => ({
  labelId,
  line: 'digits',
  label,
  simulated: false,
  input: Uint8Array.of(input >> 8, input & 255),
});

const shares = { holdOut: 0, share: 1, rows: 100, seed: 3 };

describe('accepted feedback', () => {
  test('of one input counts once, with its last label, wherever the answer came in the list', () => {
    const { learned, repeated } = sortFeedback([row(4, 7, 2), row(1, 7, 1), row(3, 8), row(2, 9)], shares);
    expect(learned.map(({ labelId, label }) => [labelId, label])).toEqual([
      [2, 0],
      [3, 0],
      [4, 2],
    ]);
    expect(repeated).toBe(1);
  });

  test('is held back by its input alone: whoever labels it again, and whatever comes beside it', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(65535), { maxLength: 60 }), fc.nat(60), (inputs, count) => {
        const all = sortFeedback(
          inputs.map((input, at) => row(at + 1, input)),
          { ...shares, holdOut: 0.3 },
        );
        const some = sortFeedback(
          inputs.slice(0, count).map((input, at) => row(1000 - at, input, 1)),
          { ...shares, holdOut: 0.3 },
        );
        const bytes = ({ input }: LearnableRow): string => String(input);
        const held = new Set(all.held.map(bytes));
        expect(some.held.every((one) => held.has(bytes(one)))).toBe(true);
        expect(some.learned.some((one) => held.has(bytes(one)))).toBe(false);
        expect(all.held.length + all.learned.length).toBe(inputs.length);
      }),
    );
  });

  test('is held back in the share that is asked for', () => {
    const rows = Array.from({ length: 2000 }, (_, at) => row(at + 1, at));
    const { held } = sortFeedback(rows, { ...shares, holdOut: 0.2 });
    expect(held.length / rows.length).toBeCloseTo(0.2, 1);
    expect(sortFeedback(rows, shares).held).toEqual([]);
  });

  test('is at most the share of the training rows that is asked for, the newest first', () => {
    const rows = Array.from({ length: 50 }, (_, at) => row(at + 1, at));
    const { learned, over } = sortFeedback(rows, { ...shares, share: 0.2 });
    expect([learned.length, over, learned[0]?.labelId]).toEqual([25, 25, 26]);
    expect(sortFeedback(rows, { ...shares, share: 0 }).learned).toEqual([]);
  });
});
