import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { countExpired, expireInputs, expireSome, expiryOf } from '../../lib/runlog/expire.ts';
import type { RunLog } from '../../lib/runlog/open.ts';
import { insertLabel, insertPredictions } from '../../lib/runlog/predictions.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { logWithVersion } from './log.ts';

const path = temporaryFolder();
let log: RunLog;

beforeEach(() => {
  ({ log } = logWithVersion(path('runs.db')));
});
afterEach(() => log.close());

const predict = (id: string, at: number, input: Uint8Array | null = Uint8Array.of(1, 2, 3)): void => {
  const batch = { line: 'digits', version: 1, simulated: false, source: 'serve', at };
  insertPredictions(log, batch, [{ predictionId: id, input, predicted: 0, probabilities: [1, 0] }]);
};
const kept = (): unknown[] =>
  log.prepare('SELECT id FROM prediction JOIN prediction_input ON prediction = number ORDER BY number').pluck().all();

test('the policy says from when on an input is too old', () => {
  const day = 86_400_000;
  expect(expiryOf({ inputs: 'labelled', days: 2 }, 5 * day)).toBe(3 * day);
  expect(expiryOf({ inputs: 'none', days: 2 }, 5 * day)).toBe(5 * day);
  expect(expiryOf({ inputs: 'all', days: 2 }, 5 * day)).toBeUndefined();
});

test('old inputs without a label go; labelled and young ones stay, and so does every prediction', () => {
  predict('old', 10);
  predict('labelled', 11);
  predict('bare', 12, null);
  predict('young', 20);
  insertLabel(log, { prediction: 'labelled', label: 1, source: 'serve', at: 30 });
  expect(countExpired(log, 20)).toEqual({ rows: 1, bytes: 3 });
  expect(expireInputs(log, 20)).toBe(1);
  expect(kept()).toEqual(['labelled', 'young']);
  expect(log.prepare('SELECT count(*) FROM prediction').pluck().get()).toBe(4);
  expect(countExpired(log, 20)).toEqual({ rows: 0, bytes: 0 });
});

test('a sweep in steps takes what one sweep takes, also where the clock was set back', () => {
  const prediction = fc.record({
    at: fc.integer({ min: 0, max: 40 }),
    isLabelled: fc.boolean(),
    hasInput: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(prediction, { maxLength: 30 }),
      fc.integer({ min: 0, max: 45 }),
      fc.integer({ min: 1, max: 6 }),
      (made, before, limit) => {
        log.database.exec('DELETE FROM label; DELETE FROM prediction_input; DELETE FROM prediction');
        for (const [number, { at, isLabelled, hasInput }] of made.entries()) {
          predict(`p${number}`, at, hasInput ? Uint8Array.of(number) : null);
          if (isLabelled) insertLabel(log, { prediction: `p${number}`, label: 0, source: 'serve', at });
        }
        // Whatever came after the last one that is too old waits for the next sweep, but never goes too early.
        const last = made.reduce(
          (best, { at }, number) => (at < before && at >= (made[best]?.at ?? -1) ? number : best),
          -1,
        );
        const goes = made.flatMap(({ at, isLabelled, hasInput }, number) =>
          hasInput && !isLabelled && at < before && number <= last ? [`p${number}`] : [],
        );
        const all = made.flatMap(({ hasInput }, number) => (hasInput ? [`p${number}`] : []));
        let rows = 0;
        for (let after: number | undefined = 0; after !== undefined; ) {
          const step: ReturnType<typeof expireSome> = expireSome(log, { before, after, limit });
          expect(step.rows).toBeLessThanOrEqual(limit);
          rows += step.rows;
          after = step.reached;
        }
        expect(rows).toBe(goes.length);
        expect(kept()).toEqual(all.filter((id) => !goes.includes(id)));
      },
    ),
    { numRuns: 60 },
  );
});
