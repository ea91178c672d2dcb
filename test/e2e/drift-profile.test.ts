import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Execution, type Project, shippedProject } from '../rig/project.ts';
import { told } from '../rig/told.ts';

/** The shipped profile on generated digits, which is what it falls back to where MNIST is not to be had; fewer of them. */
const DRIFT = [
  'run',
  '--profile',
  'drift',
  ...['collect.params.source=synthetic-digits', 'collect.params.synthetic={ train: 12000, test: 2000 }'].flatMap(
    (one) => ['--set', one],
  ),
  ...['preprocess.params.live=0.6', 'feedback.params.simulate.rows=3000'].flatMap((one) => ['--set', one]),
  // The search is not what is looked at here; what is held out has to be enough for a reference.
  ...['optimize.params.rows=2000', 'collect.params.feedback.holdOut=0.3'].flatMap((one) => ['--set', one]),
];

let project: Project;
let run: Execution;
beforeAll(async () => {
  project = shippedProject();
  run = await project.mlloop(DRIFT);
});
afterAll(() => project.dispose());

describe('a world that changes', () => {
  test('leads to one follow-up run that is promoted', () => {
    expect(run.status).toBe(0);
    expect(project.rows('SELECT id, parent, status FROM run')).toEqual([
      { id: 1, parent: null, status: 'succeeded' },
      { id: 2, parent: 1, status: 'succeeded' },
    ]);
    expect(
      project.rows(
        "SELECT line, kind, from_version AS before, to_version AS now FROM deployment WHERE alias = 'champion'",
      ),
    ).toEqual([
      { line: 'digits-drift-demo', kind: 'deploy', before: null, now: 1 },
      { line: 'digits-drift-demo', kind: 'deploy', before: 1, now: 2 },
    ]);
  });

  test('drifts from the row on at which it changes, and no more for the version that has learned it', () => {
    expect(
      project.rows('SELECT version, simulated, sample_rows AS rows, verdict FROM drift_window ORDER BY id'),
    ).toEqual([
      { version: 1, simulated: 1, rows: 1000, verdict: 'no_drift' },
      { version: 1, simulated: 1, rows: 1000, verdict: 'drift' },
      { version: 1, simulated: 1, rows: 1000, verdict: 'drift' },
      { version: 2, simulated: 1, rows: 1000, verdict: 'no_drift' },
      { version: 2, simulated: 1, rows: 1000, verdict: 'no_drift' },
      { version: 2, simulated: 1, rows: 1000, verdict: 'no_drift' },
    ]);
  });

  test('is learned without a loss where it was as before', () => {
    const gates = project.rows<{ slice: string; verdict: string; low: number }>(
      `SELECT slice, verdict, low FROM v_gates WHERE run = 2 AND gate = 'champion' AND name = 'accuracyDifference'`,
    );
    expect(gates.map(({ slice, verdict }) => [slice, verdict === 'worse'])).toEqual([
      ['test', false],
      ['simulated feedback', false],
    ]);
    expect(gates[1]).toMatchObject({ verdict: 'better' });
    expect(gates[1]?.low).toBeGreaterThan(0.1);
  });

  test('is told as a story with numbers, and never as anything but a simulation', () => {
    const text = told(run.stderr);
    expect(text).toContain(
      'feedback  SIMULATED WORLD: what v1 is asked is turned by 25 degrees and with noise of sigma <n> from row 1001 on',
    );
    expect(text).toContain('decision  retrain: drift: 2 of the last 3 SIMULATED windows >= 2');
    const at = text.indexOf('follow-up  run 1 asked for it');
    expect(text.slice(at, text.indexOf('artifacts', at))).toMatch(
      new RegExp(
        [
          'follow-up  run 1 asked for it: drift: 2 of the last 3 SIMULATED windows >= 2',
          ' +learned from \\d+ rows of feedback; \\d+ more were held out to compare on',
          ' +beside the champion: accuracyDifference, test .* on 2000 rows, .*',
          ' +beside the champion: accuracyDifference, simulated feedback .* on \\d+ rows, better',
          ' +digits-drift-demo v2 took the place of v1',
          ' +accuracy on SIMULATED labels: before <n> on 3000, now <n> on 3000',
          ' +SIMULATED windows that drift: before 2 of 3, now 0 of 3\\n$',
        ].join('\\n'),
      ),
    );
  });

  test('has no part in the line of the pipeline itself', () => {
    expect(project.rows('SELECT DISTINCT line FROM model_version')).toEqual([{ line: 'digits-drift-demo' }]);
  });

  test('leaves the same command with nothing to do', async () => {
    expect((await project.mlloop(DRIFT)).status).toBe(0);
    expect(project.rows('SELECT DISTINCT status FROM attempt WHERE run = 3')).toEqual([{ status: 'fresh' }]);
  });
});
