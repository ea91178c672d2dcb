import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDataset } from '../../lib/data/dataset.ts';
import { unwrap } from '../data/failed.ts';
import { type Execution, type Project, tinyProject } from '../rig/project.ts';
import { told } from '../rig/told.ts';

const gate = (limits: string): string[] => ['run', '--profile', 'tiny', '--set', `deploy.params.gate=${limits}`];
/** A model that has hardly learned anything. */
const POOR = ['--set', 'train.params.epochs=1', '--set', 'train.params.learningRate=0.0003'];
const champion = (project: Project): number | undefined =>
  project.rows<{ version: number }>('SELECT version FROM alias')[0]?.version;
const lines = ({ stderr }: Execution): string[] => told(stderr).split('\n');

describe('a model under a floor', () => {
  let project: Project;
  let refused: Execution;
  const FLOORS = gate('{accuracy: {min: 0.9999}, recall: {min: 0.01}, logLoss: {max: 100}}');

  beforeAll(async () => {
    project = tinyProject();
    refused = await project.mlloop(FLOORS);
  });
  afterAll(() => project.dispose());

  test('is refused with exit 3, check by check', () => {
    expect(refused.status).toBe(3);
    const from = lines(refused).findIndex((line) => line.startsWith('deploy  refused'));
    const table = lines(refused).slice(from, from + 31);
    expect([...table.slice(0, 2), ...table.slice(12, 15), ...table.slice(24)]).toEqual([
      'deploy  refused  <time>  first time',
      '  The gates refuse this model: 1 of 28 checks failed. The champion stays.',
      '    data  reference  -  first model: nothing is live yet whose rows these could be held against',
      '    absolute  accuracy  <n> (<n> to <n>)  at least <n>  on 200 rows  refused',
      expect.stringMatching(/^ {4}absolute {2}recall, class 0 {2}.* {2}at least <n> {2}on 20 rows {2}passed$/),
      '    absolute  logLoss  <n>  at most 100  on 200 rows  passed',
      '    champion  champion  -  first model: nothing is live yet that it could be compared with',
      '    serving  goldenDifference  <n>  at most <n>  on 16 rows  passed',
      '    serving  httpDifference  <n>  at most <n>  on 16 rows  passed',
      '    serving  httpLatencyP50Ms  <n>  at most 200  on 300 rows  passed',
      '    serving  httpLatencyP99Ms  <n>  on 300 rows  passed',
      `  To put it live all the same, and have it on record: npm run pipeline -- --override "WHY", with this run's --profile and --set`,
    ]);
    expect(told(refused.stderr)).toContain('gates  refused: the champion stays');
    expect(told(refused.stderr)).toContain('feedback  blocked  waits for deploy');
  });

  test('leaves its checks on record, and no version', async () => {
    expect(project.rows("SELECT gate, name, verdict FROM v_gates WHERE name <> 'recall' AND gate <> 'data'")).toEqual([
      { gate: 'absolute', name: 'accuracy', verdict: 'refused' },
      { gate: 'absolute', name: 'logLoss', verdict: 'passed' },
      { gate: 'champion', name: 'champion', verdict: 'first_model' },
      { gate: 'serving', name: 'goldenDifference', verdict: 'passed' },
      { gate: 'serving', name: 'httpDifference', verdict: 'passed' },
      { gate: 'serving', name: 'httpLatencyP50Ms', verdict: 'passed' },
      { gate: 'serving', name: 'httpLatencyP99Ms', verdict: 'passed' },
    ]);
    expect(project.rows('SELECT status FROM run')).toEqual([{ status: 'refused' }]);
    expect(project.rows('SELECT 1 FROM model_version')).toEqual([]);
    const shown = await project.mlloop(['show', '1']);
    expect(told(shown.stdout)).toMatch(/absolute {2}recall, class 9 +<n> \(<n> to <n>\) +at least <n> +20 +passed/);
    const { gates } = JSON.parse((await project.mlloop(['show', '1', '--json'])).stdout) as { gates: object[] };
    expect(gates).toHaveLength(28);
    expect(gates[11]).toMatchObject({
      gate: 'absolute',
      name: 'accuracy',
      rows: 200,
      verdict: 'refused',
      pValue: null,
    });
  });

  test('is refused again: a refusal is never fresh', async () => {
    const again = await project.mlloop(FLOORS);
    expect(again.status).toBe(3);
    expect(told(again.stderr)).toContain('evaluate  fresh  nothing changed\ndeploy  refused');
  });

  test('does not move the champion', async () => {
    expect((await project.mlloop(gate('{accuracy: {min: 0.3}}'))).status).toBe(0);
    const worse = [...gate('{accuracy: {min: 0.9999}}'), '--set', 'train.params.learningRate=0.0001'];
    expect((await project.mlloop(worse)).status).toBe(3);
    expect(project.rows('SELECT line, alias, version FROM alias')).toEqual([
      { line: 'digits-demo', alias: 'champion', version: 1 },
    ]);
  });

  test('that nobody set is a refusal, too', async () => {
    const none = await project.mlloop(gate('{}'));
    expect(none.status).toBe(3);
    expect(
      none.stderr,
    ).toContain(`No gate is declared, so nothing says what this model has to prove. It is not deployed.
  Declare limits in the stage’s params: gate: { accuracy: { min: 0.95 } }`);
  });

  test('on a number the evaluation does not have is refused, because nothing proves it', async () => {
    const unknown = await project.mlloop(gate('{acuracy: {min: 0.1}}'));
    expect(unknown.status).toBe(3);
    expect(told(unknown.stderr)).toContain(
      '    absolute  acuracy  -  at least <n>  refused: there is no such number; there are accuracy, calibrationError, f1,',
    );
  });
});

describe('a model beside the champion', () => {
  let project: Project;
  const LOW = gate('{accuracy: {min: 0.05}}');

  beforeAll(async () => {
    project = tinyProject();
    expect((await project.mlloop([...LOW, ...POOR])).status).toBe(0);
  });
  afterAll(() => project.dispose());

  test('takes its place when it is proven better on the same rows', async () => {
    const better = await project.mlloop(LOW);
    expect(better.status).toBe(0);
    expect(told(better.stderr)).toMatch(
      /gates {2}passed\n(.*\n)*? +champion {2}accuracyDifference, test {2}\+<n> \(\+<n> to \+<n>\) {2}interval above 0 {2}on 200 rows {2}better\n/,
    );
    expect(told(better.stderr)).toContain('champion  digits-demo v2, deployed by this run');
    expect(
      project.rows("SELECT kind, from_version, to_version FROM deployment WHERE kind <> 'kept' ORDER BY id"),
    ).toEqual([
      { kind: 'deploy', from_version: null, to_version: 1 },
      { kind: 'deploy', from_version: 1, to_version: 2 },
    ]);
  });

  test('is kept back when it is not, with exit 0, the interval shown, and no version', async () => {
    const kept = await project.mlloop([...LOW, '--set', 'train.params.epochs=5']);
    expect(kept.status).toBe(0);
    expect(told(kept.stderr)).toMatch(
      /gates {2}kept: not proven better than digits-demo v2: accuracyDifference, test [+-]<n> \(-<n> to \+<n>\) on 200 rows, not enough evidence\n/,
    );
    expect(told(kept.stderr)).toContain('champion  digits-demo v2, as before');
    expect(project.rows('SELECT version FROM model_version ORDER BY version')).toEqual([
      { version: 1 },
      { version: 2 },
    ]);
    expect(project.rows('SELECT kind, from_version, to_version FROM deployment ORDER BY id DESC LIMIT 1')).toEqual([
      { kind: 'kept', from_version: 2, to_version: 2 },
    ]);
  });

  test('that was kept back stays so the next time, without another look', async () => {
    const again = await project.mlloop([...LOW, '--set', 'train.params.epochs=5']);
    expect(told(again.stderr)).toContain('deploy  fresh  nothing changed');
    expect(told(again.stderr)).toContain('gates  kept: not proven better than digits-demo v2');
  });

  test('is kept back when it is proven worse', async () => {
    const worse = await project.mlloop([...LOW, ...POOR]);
    expect(worse.status).toBe(0);
    expect(told(worse.stderr)).toMatch(
      /gates {2}kept: proven worse than digits-demo v2: accuracyDifference, test -<n>/,
    );
    expect(champion(project)).toBe(2);
  });

  test('is compared on what people have labelled since, too', async () => {
    expect((await project.mlloop(['predict', 'artifacts/latest/preprocess/live', '--out', 'p.csv'])).status).toBe(0);
    const truths = unwrap(openDataset(project.path('artifacts/latest/preprocess/live'))).labels;
    const [head = '', ...answers] = project.read('p.csv').trim().split('\n');
    const [id, label] = ['prediction_id', 'label'].map((name) => head.split(',').indexOf(name)) as [number, number];
    const labelled = answers.map((line, row) => line.split(',').with(label, String(truths[row])));
    project.write(
      'labels.csv',
      ['prediction_id,label', ...labelled.map((cells) => `${cells[id]},${cells[label]}`)].join('\n'),
    );
    expect((await project.mlloop(['feedback', 'import', 'labels.csv'])).status).toBe(0);
    // Labels alone do not try a model again; the next model is held against them.
    expect(lines(await project.mlloop([...LOW, ...POOR]))).toContain('deploy  fresh  nothing changed');
    const next = await project.mlloop([...LOW, ...POOR, '--set', 'train.params.batch=64']);
    expect(next.status, next.stderr).toBe(0);
    expect(told(next.stderr)).toMatch(
      /champion {2}accuracyDifference, feedback {2}-<n> \(-<n> to -<n>\) {2}interval above 0 {2}on 74 rows {2}worse\n/,
    );
  });

  test('is already live when it holds the same bytes', async () => {
    const again = await project.mlloop(gate('{accuracy: {min: 0.2}}'));
    expect(again.status).toBe(0);
    expect(told(again.stderr)).toContain('gates  already live\n');
    expect(told(again.stderr)).toContain('champion  champion  -  already live: digits-demo v2 holds the same bytes');
    expect(project.rows('SELECT version FROM model_version')).toHaveLength(2);
  });

  test('is refused when the champion’s files are gone, and no copy is left', async () => {
    rmSync(project.path('artifacts/models/digits-demo/v2'), { recursive: true });
    const [made] = project.rows<{ hash: string }>('SELECT hash FROM model_version WHERE version = 2');
    rmSync(project.path('artifacts/objects', made?.hash.slice(0, 2) ?? '', made?.hash ?? ''), { recursive: true });
    const lost = await project.mlloop([...LOW, '--set', 'train.params.epochs=5', '--force', 'deploy']);
    expect(lost.status).toBe(3);
    expect(told(lost.stderr)).toContain('champion  champion  -  lost: digits-demo v2 is on record, but it is gone');
    expect(champion(project)).toBe(2);
  });

  test('is put live by a person, whose reason stands in the ledger', async () => {
    const forced = await project.mlloop([
      ...LOW,
      '--set',
      'train.params.epochs=5',
      '--override',
      'v2 is lost for good',
    ]);
    expect(forced.status).toBe(0);
    expect(lines(forced)).toContain('deploy  ran  <time>  override: v2 is lost for good');
    expect(lines(forced)).toContain('gates  overridden: v2 is lost for good');
    expect(told(forced.stderr)).toContain('champion  digits-demo v3, deployed by this run');
    expect(
      project.rows('SELECT kind, from_version, to_version, reason FROM deployment ORDER BY id DESC LIMIT 1'),
    ).toEqual([{ kind: 'override', from_version: 2, to_version: 3, reason: 'v2 is lost for good' }]);
    const later = await project.mlloop([...LOW, '--set', 'train.params.epochs=5']);
    expect(told(later.stderr)).toContain('deploy  fresh  nothing changed');
  });
});

describe('an override', () => {
  let project: Project;
  beforeAll(() => {
    project = tinyProject();
  });
  afterAll(() => project.dispose());

  test('needs a reason', async () => {
    const { status, stderr } = await project.mlloop(['run', '--profile', 'tiny', '--override', ' ']);
    expect(status).toBe(2);
    expect(stderr).toBe(`--override needs a reason: it stands in the ledger for good.
Type: npm run pipeline -- --override "the test set has wrong labels, see issue 12"
`);
  });

  test('of a run that deploys nothing is a mistake', async () => {
    const { status, stderr } = await project.mlloop([
      'run',
      '--profile',
      'tiny',
      '--to',
      'train',
      '--override',
      'why not',
    ]);
    expect(status).toBe(2);
    expect(stderr).toBe(`--override has nothing to override: none of the stages collect, preprocess, train deploys.
Leave it out, or choose stages that reach the deployment.
`);
  });

  test('of a refusal counts as a run that succeeded; of gates that pass it overrides nothing', async () => {
    const refused = await project.mlloop([...gate('{accuracy: {min: 1}}'), '--override', 'a demo']);
    expect(refused.status).toBe(0);
    expect(project.rows('SELECT kind, reason FROM deployment')).toEqual([{ kind: 'override', reason: 'a demo' }]);
    expect(project.rows("SELECT verdict FROM gate WHERE name = 'accuracy'")).toEqual([{ verdict: 'refused' }]);
    const stage = await project.mlloop(['stage', 'deploy', '--profile', 'tiny', '--override', 'again']);
    expect(stage.status).toBe(0);
    expect(told(stage.stderr)).toContain('gates  already live\n');
    expect(project.rows('SELECT kind FROM deployment')).toEqual([{ kind: 'override' }]);
  });
});
