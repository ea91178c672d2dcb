import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSeenIds } from '../../../lib/exchange/feedback/seen-ids.ts';

test('an id that came before is never taken for a new one', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 50 }), (ids) => {
      const seen = createSeenIds();
      for (const id of ids) seen.mayHave(id);
      expect(ids.filter((id) => !seen.mayHave(id))).toEqual([]);
    }),
    { numRuns: 20, seed: 1 },
  );
});

test('few new ids of many are taken for old ones, however alike they are', () => {
  const seen = createSeenIds();
  const taken = Array.from({ length: 100_000 }, (_, at) =>
    seen.mayHave(`0199a3c0-${at.toString(16).padStart(8, '0')}.0`),
  );
  expect(taken.filter(Boolean).length).toBeLessThan(100);
});
