import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findForgettable, forgetPrediction } from '../../lib/runlog/forget.ts';
import { labelCounts } from '../../lib/runlog/label-counts.ts';
import { insertLabel, insertPredictions } from '../../lib/runlog/predictions.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { logWithVersion } from './log.ts';

const path = temporaryFolder();
let made = 0;

type Step =
  | { readonly kind: 'predict' | 'label' | 'forget'; readonly id: number; readonly label: number }
  | { readonly kind: 'count' };

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('predict' as const), id: fc.nat(7), label: fc.nat(2) }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('label' as const), id: fc.nat(7), label: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), id: fc.nat(7), label: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'count' as const }) },
  ),
  { minLength: 10, maxLength: 60 },
);

describe('what labels say of a version', () => {
  test('is the same counted from the last count on as counted anew', () => {
    fc.assert(
      fc.property(steps, (all: readonly Step[]) => {
        made += 1;
        const { log } = logWithVersion(path(`${made}.db`));
        log.database.pragma('synchronous = OFF');
        let known = labelCounts(log, 'digits', 1);
        const ids = new Set<string>();
        for (const [at, step] of all.entries()) {
          if (step.kind === 'count') {
            known = labelCounts(log, 'digits', 1, known);
            continue;
          }
          const id = `p${step.id}`;
          // Every other one was simulated.
          const batch = { line: 'digits', version: 1, simulated: step.id % 2 === 1, source: 'predict', at };
          const entry = { predictionId: id, input: null, predicted: step.label, probabilities: [1, 0, 0] };
          if (step.kind === 'predict' && insertPredictions(log, batch, [entry]).added > 0) ids.add(id);
          if (step.kind === 'label' && ids.has(id))
            insertLabel(log, { prediction: id, label: step.label, source: 's', at });
          const forgettable = step.kind === 'forget' ? findForgettable(log, id) : undefined;
          if (forgettable !== undefined && ids.delete(id)) log.atomically(() => forgetPrediction(log, forgettable, at));
        }
        expect(labelCounts(log, 'digits', 1, known)).toEqual(labelCounts(log, 'digits', 1));
        log.close();
      }),
      { numRuns: 40 },
    );
  });
});
