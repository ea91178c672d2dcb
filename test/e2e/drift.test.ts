import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDataset, writeDataset } from '../../lib/data/dataset.ts';
import { unwrap } from '../data/failed.ts';
import { type Project, tinyProject } from '../rig/project.ts';
import { told } from '../rig/told.ts';

const ROWS = 600;

let project: Project;
let said = '';
beforeAll(async () => {
  project = tinyProject([
    `collect.params.synthetic.test: ${ROWS}`,
    `feedback.params.drift: { rows: ${ROWS}, features: true }`,
    'iterate.params.rules.drift: { windows: 2, of: 3 }',
  ]);
  expect((await run()).status).toBe(0);
});
afterAll(() => project.dispose());

const run = () => project.mlloop(['run', '--profile', 'tiny']);

/** Asks the champion about the test rows as they are after a change, and lets the loop look at that. */
async function asked(name: string, change: (value: number) => number, labelled = 0): Promise<string[]> {
  const rows = unwrap(openDataset(project.path('artifacts/latest/preprocess/test')));
  const data = (rows.feature('pixels') as Uint8Array).map(change);
  const pixels = { data, shape: rows.featureShape('pixels') };
  unwrap(writeDataset(project.path(name), { columns: { label: rows.labels, pixels }, classes: rows.meta.classes }));
  expect((await project.mlloop(['predict', name, '--out', `${name}.csv`])).status).toBe(0);
  if (labelled > 0) {
    const answers = parse(project.read(`${name}.csv`), { columns: true }) as { readonly prediction_id: string }[];
    const lines = answers.slice(0, labelled).map(({ prediction_id: id }, row) => `${id},${rows.labels[row]}`);
    project.write('labels.csv', `prediction_id,label\n${lines.join('\n')}\n`);
    expect((await project.mlloop(['feedback', 'import', 'labels.csv'])).status).toBe(0);
  }
  const { status, stderr } = await run();
  expect(status).toBe(0);
  said = told(stderr);
  return said.split('\n').filter((line) => line.startsWith('drift'));
}

/** What the rule on drift says at the end of the last run but its follow-up. */
const decisions = () =>
  project
    .rows<{ readonly verdict: string; readonly reason: string; readonly rules: string }>(
      'SELECT verdict, reason, rules FROM decision ORDER BY id',
    )
    .map(({ verdict, reason, rules }) => ({
      verdict,
      reason,
      drift: (JSON.parse(rules) as readonly { readonly name: string; readonly note: string }[]).find(
        ({ name }) => name === 'drift',
      )?.note,
    }));

interface WindowRow {
  readonly verdict: string;
  readonly rows: number;
}
const windows = (): WindowRow[] =>
  project.rows('SELECT verdict, sample_rows AS rows FROM drift_window WHERE simulated = 0 ORDER BY id');

describe('drift', () => {
  test('of too few rows is not judged, and simulated ones are called so', () => {
    expect(project.rows('SELECT verdict, simulated, sample_rows AS rows FROM drift_window')).toEqual([
      { verdict: 'not_enough_data', simulated: 1, rows: 40 },
    ]);
    expect(project.rows('SELECT line, version FROM drift_reference')).toEqual([{ line: 'digits-demo', version: 1 }]);
  });

  test('is not found in rows like those the model was judged on', async () => {
    const said = await asked('same', (value) => value);
    expect(said).toEqual([
      expect.stringMatching(/^drift {2}no drift in 600 rows: 19 tests at level <n>, the nearest to it .* \(p [^)]+\)$/),
      'drift  not enough data: 40 rows, too few to judge (500 needed), SIMULATED',
      'drift  feature by feature, 0 of 784 have moved',
    ]);
    expect(windows()).toEqual([{ verdict: 'no_drift', rows: ROWS }]);
    const summary = JSON.parse(project.read('artifacts/latest/feedback/summary.json')) as {
      readonly drift: readonly { readonly verdict: string; readonly simulated: boolean; readonly tests: unknown[] }[];
    };
    expect(summary.drift.map(({ verdict, simulated }) => [verdict, simulated])).toEqual([
      ['no_drift', false],
      ['not_enough_data', true],
    ]);
    expect(summary.drift[0]?.tests).toHaveLength(19);
  });

  test('is not looked for again where nothing was asked since', async () => {
    const { stderr } = await run();
    expect(told(stderr)).toContain('feedback  fresh  nothing changed');
    expect(windows()).toHaveLength(1);
  });

  test('is found in inverted images, of which alone the next window is', async () => {
    const said = await asked('inverted', (value) => 255 - value);
    expect(said[0]).toMatch(/^drift {2}drift in 600 rows, \d+ of 19 tests alarm: .* <n> \(p < 1e-6\) and \d+ more$/);
    expect(said[2]).toMatch(/^drift {2}feature by feature, 7\d\d of 784 have moved, most pixel \(\d+, \d+\) PSI/);
    expect(windows().at(-1)).toEqual({ verdict: 'drift', rows: ROWS });
    expect(
      project.rows(`SELECT name, test, value, sample_rows AS rows, reference_rows AS reference FROM v_drift
        WHERE window_verdict = 'drift' AND kind = 'inputs' AND name = 'intensity' AND test = 'ks'`),
    ).toEqual([{ name: 'intensity', test: 'ks', value: 1, rows: ROWS, reference: ROWS }]);
  });

  test('is a page with pictures, and with the answers that are worth a label', () => {
    const page = project.read('artifacts/latest/feedback/report.html');
    expect(page).toContain('<h2>Drift of 600 live rows of v1</h2>');
    expect(page).toContain('<h2>To label next</h2>');
    expect(page).toContain('<h2>Drift of 40 SIMULATED rows of v1</h2>');
    expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(5);
    const ids = [...page.matchAll(/<code>([0-9a-f]{16})<\/code>/g)].map((match) => match[1]);
    expect(page).toContain('<div class="where"><img src="data:image/png;base64,');
    expect(ids).toHaveLength(15);
    expect(
      project.rows(`SELECT count(*) AS found FROM prediction WHERE simulated = 0 AND id IN ('${ids.join("','")}')`),
    ).toEqual([{ found: 15 }]);
    // Everything is in the page itself.
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
  });

  test('in one window is no reason to learn anew', () => {
    expect(decisions().at(-1)).toEqual({
      verdict: 'keep',
      reason: 'no rule fired',
      drift: '1 of the last 2 windows < 2',
    });
  });

  test('in two windows is one, but not while nobody says what the rows are', async () => {
    await asked('dim', (value) => value - (value >> 1));
    expect(decisions().at(-1)).toMatchObject({
      verdict: 'keep',
      reason: 'drift: 2 of the last 3 windows >= 2; but there is nothing new to learn from: no label waits',
    });
    expect(project.rows('SELECT parent FROM run WHERE parent IS NOT NULL')).toEqual([]);
  });

  test('and labels lead to one follow-up run, and the windows have had their effect', async () => {
    await asked('faint', (value) => value - (value >> 2), 60);
    expect(decisions().at(-2)).toMatchObject({
      verdict: 'retrain',
      drift: '3 of the last 3 windows >= 2',
    });
    expect(said).toContain('Of the training rows, 60 are accepted feedback of digits-demo.');
    expect(decisions().at(-1)).toMatchObject({
      verdict: 'keep',
      drift: expect.stringMatching(/^no window was judged/),
    });
    expect(project.rows('SELECT count(*) AS runs FROM run WHERE parent IS NOT NULL')).toEqual([{ runs: 1 }]);
  });

  test('of a version without a reference cannot be told, and that is said', async () => {
    const log = project.open();
    log.exec('DELETE FROM drift_reference');
    log.close();
    const said = await asked('dimmed', (value) => value >> 1);
    expect(said[0]).toBe(
      'drift  no reference: the version has no reference, so 600 rows cannot be compared with anything; a deployment makes one',
    );
    expect(windows().at(-1)).toEqual({ verdict: 'no_reference', rows: ROWS });
  });

  test('that could not be judged leaves a decision of retrain that says so', async () => {
    const yaml = project.read('pipeline.yaml').replace(/^retrain:[\s\S]*?(?=^profiles:)/m, '');
    project.write('pipeline.yaml', `${yaml}retrain: { rules: { drift: { windows: 2, of: 3 } } }\n`);
    const stage = project.read('stages/feedback.ts');
    project.write(
      'stages/feedback.ts',
      stage.replace('async run(ctx) {', "async run(ctx) {\n    throw new Error('no memory');"),
    );
    expect((await project.mlloop(['predict', 'dimmed'])).status).toBe(0);
    const args = ['retrain', '--if-needed', '--profile', 'tiny'];
    const { status, stdout } = await project.mlloop([...args, '--summary', 'summary.md']);
    const [last] = project.rows<{ run: number }>('SELECT max(id) AS run FROM run');
    const reason = `run ${last?.run}, which was to judge the windows of answers that the rule on drift looks at, ended with exit 1`;
    expect([status, stdout]).toEqual([1, `failed: ${reason}, digits-demo v1 stays\n`]);
    expect(project.rows('SELECT verdict, reason, run, status FROM v_retrain')).toEqual([
      { verdict: 'failed', reason, run: last?.run, status: 'failed' },
    ]);
    expect(project.read('summary.md')).toContain(`**failed: ${reason}, digits-demo v1 stays**`);
    // It is no retraining: nothing waits for it, and the next call looks again.
    project.write('stages/feedback.ts', stage);
    const again = await project.mlloop([...args, '--json']);
    expect(again.status).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'skipped' });
  });
});
