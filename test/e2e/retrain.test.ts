import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daysLater } from '../rig/later.ts';
import { type Execution, ended, type Project, tinyProject } from '../rig/project.ts';

const POLICY = `retrain:
  age: 30d
  rules: { newLabels: 20 }
  cooldown: 20h
  promotions: 1
`;

/** The shipped pipeline with a policy small enough to be met, and nothing simulated. */
function retrainProject(): Project {
  const project = tinyProject([
    // Whatever is not worse by a lot takes the place: what is learned from shows in the next version.
    'deploy.params.champion: { require: not worse, margin: 0.2, classMargin: 0.9 }',
  ]);
  const yaml = project.read('pipeline.yaml').replace(/^retrain:[\s\S]*?(?=^profiles:)/m, POLICY);
  project.write('pipeline.yaml', yaml.replace('    feedback.params.simulate.rows: 40\n', '    feedback.params: {}\n'));
  return project;
}

/** What GitHub takes of a step's summary, in bytes. */
const MIB = 1_048_576;

const RETRAIN = ['retrain', '--profile', 'tiny'];

describe('retrain', () => {
  let project: Project;
  beforeAll(() => {
    project = retrainProject();
  });
  afterAll(() => project.dispose());
  const ifNeeded = (env: Readonly<Record<string, string>> = {}, more: readonly string[] = []): Promise<Execution> =>
    project.mlloop([...RETRAIN, '--if-needed', ...more], env);
  const decisions = () => project.rows('SELECT line, asked, verdict, reason, run FROM retrain_decision ORDER BY id');

  test('does not begin from nothing unless it is asked to', async () => {
    const { status, stdout, stderr } = await ifNeeded();
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'There is no runs.db: nothing says which model is live, so no gate could protect it.\n' +
        'Bring the state back, or make the first runs.db on purpose with: npm run retrain -- --bootstrap\n',
    );
    expect(existsSync(project.path('runs.db'))).toBe(false);
  });

  test('begins with a first model where it is asked to', async () => {
    const { status, stdout } = await ifNeeded({}, ['--bootstrap']);
    expect([status, stdout]).toEqual([0, 'promoted: digits-demo v1 is live (run 1)\n']);
    expect(decisions()).toEqual([
      {
        line: 'digits-demo',
        asked: 'if_needed',
        verdict: 'retrain',
        reason: 'noChampion: no model is live yet',
        run: 1,
      },
    ]);
    expect(project.rows('SELECT verb, round, status FROM run')).toEqual([
      { verb: 'retrain', round: 1, status: 'succeeded' },
    ]);
  });

  test('has nothing to do the next day, says so, and puts it on record', async () => {
    const { status, stdout, stderr } = await ifNeeded(daysLater(1));
    expect([status, stdout]).toEqual([0, 'skipped: no rule fired\n']);
    expect(stderr).toBe(`Retraining of digits-demo
  noChampion  -  v1 is live
  unfinished  -  nothing is left over
  age         -  v1 was last held against another model 1 days ago < 30
  newLabels   -  0 new SIMULATED labels < 20
  cooldown    -  the last retraining (run 1) was 24 hours ago >= 20
  promotions  -  0 models were put live in the last 24 hours < 1
`);
    expect(project.rows('SELECT rule, value, threshold, fired FROM v_retrain WHERE id = 2')).toEqual([
      { rule: 'noChampion', value: 1, threshold: 1, fired: 0 },
      { rule: 'unfinished', value: 0, threshold: 1, fired: 0 },
      { rule: 'age', value: 1, threshold: 30, fired: 0 },
      { rule: 'newLabels', value: 0, threshold: 20, fired: 0 },
      { rule: 'cooldown', value: 24, threshold: 20, fired: 0 },
      { rule: 'promotions', value: 0, threshold: 1, fired: 0 },
    ]);
    expect(project.rows('SELECT count(*) AS runs FROM run')).toEqual([{ runs: 1 }]);
  });

  test('learns from labels that have come, and the job it is a step of is told', async () => {
    await project.mlloop(['predict', 'artifacts/latest/preprocess/live', '--out', 'answers.csv']);
    const [head = '', ...rows] = project.read('answers.csv').trim().split('\n');
    const [id, predicted] = ['prediction_id', 'predicted'].map((name) => head.split(',').indexOf(name));
    const labels = rows.slice(0, 25).map((row) => [id, predicted].map((at) => row.split(',')[at ?? 0]).join(','));
    project.write('labels.csv', `prediction_id,label\n${labels.join('\n')}\n`);
    expect((await project.mlloop(['feedback', 'import', 'labels.csv'])).status).toBe(0);

    project.write('outputs', 'before=1\n');
    const env = { GITHUB_STEP_SUMMARY: project.path('job.md'), GITHUB_OUTPUT: project.path('outputs') };
    const { status, stdout } = await ifNeeded({ ...daysLater(2), ...env }, ['--json', '--summary', 'summary.md']);
    expect(status).toBe(0);
    const result = JSON.parse(stdout) as Record<string, unknown>;
    expect(result).toMatchObject({
      format: 'mlloop-retrain',
      line: 'digits-demo',
      verdict: 'retrain',
      outcome: 'promoted',
      reason: 'newLabels: 25 new labels >= 20',
      champion: { before: 1, after: 2 },
    });
    expect(
      project.rows("SELECT value FROM metric JOIN attempt ON attempt.id = attempt WHERE name = 'feedbackRows'"),
    ).toEqual([{ value: 0 }, { value: 25 }]);
    expect(project.read('job.md')).toBe(project.read('summary.md'));
    expect(project.read('job.md').split('\n').slice(0, 3)).toEqual([
      '<!-- mlloop retrain digits-demo -->',
      '',
      '## Retraining of digits-demo',
    ]);
    const told = project.read('outputs').split(/mlloop-[0-9a-f-]{36}/);
    expect(told.slice(0, 4)).toEqual([
      'before=1\noutcome<<',
      `\n${result['outcome']}\n`,
      '\nreason<<',
      '\nnewLabels: 25 new labels >= 20\n',
    ]);
  });

  test('does nothing when it is called twice, and never makes a job’s summary too long to be shown', async () => {
    project.write('long.md', `${'x'.repeat(MIB - 300)}\n`);
    const { status, stdout } = await ifNeeded({ ...daysLater(2), GITHUB_STEP_SUMMARY: project.path('long.md') });
    expect([status, stdout]).toEqual([0, 'skipped: no rule fired\n']);
    const { length } = Buffer.from(project.read('long.md'));
    expect([length <= MIB, length > MIB - 300]).toEqual([true, true]);
    expect(project.read('long.md')).toMatch(/\n\*Cut here: the rest is in the log\.\*\n$/);
  });

  test('says which decision and which labels a version learned from', () => {
    expect(
      project.rows(`SELECT cut.retrain, made.run FROM accepted_feedback AS cut
        JOIN retrain_decision AS made ON made.id = cut.retrain`),
    ).toEqual([{ retrain: 3, run: 2 }]);
    expect(project.rows("SELECT count(*) AS labels FROM v_model_lineage WHERE version = 2 AND what = 'label'")).toEqual(
      [{ labels: 25 }],
    );
  });

  test('goes back with its runs: what was accepted between two belongs to the second', async () => {
    for (const [run, cuts] of [
      [1, 0],
      [2, 1],
    ] as const) {
      const there = project.path(`run-${run}`);
      expect((await project.mlloop(['restore', String(run), '--into', there])).status).toBe(0);
      const log = new Database(`${there}/runs.db`, { readonly: true });
      expect(log.prepare('SELECT count(*) FROM accepted_feedback').pluck().get()).toBe(cuts);
      expect(log.prepare('SELECT max(run) FROM retrain_decision').pluck().get()).toBe(run);
      log.close();
    }
  });

  test('waits for the cooldown when a person asks, and not when a person insists', async () => {
    const asked = await project.mlloop(RETRAIN, daysLater(2));
    expect(asked.stdout).toMatch(
      /^skipped: cooldown: the last retraining \(run 2\) was 0 hours ago < 20.* \(wanted, because asked for\)\n$/,
    );
    const bare = await project.mlloop([...RETRAIN, '--force'], daysLater(2));
    expect([bare.status, bare.stderr.split('\n')[0]]).toEqual([
      2,
      '--force needs a --reason: it stands in the log for good.',
    ]);
    const forced = await project.mlloop([...RETRAIN, '--force', '--reason', 'a new\nscanner'], daysLater(2));
    expect([forced.status, forced.stdout]).toEqual([
      0,
      expect.stringMatching(/^unchanged: there was nothing new to learn from, digits-demo v2 stays \(run 3\)\n$/),
    ]);
    expect(decisions().at(-1)).toMatchObject({
      asked: 'force',
      verdict: 'retrain',
      reason: 'asked for: a new scanner',
    });
  });

  test('is made up for where its run broke off, and not done beside another run', async () => {
    project.write(
      'stages/train.ts',
      project
        .read('stages/train.ts')
        .replace(
          'async run(ctx) {',
          "async run(ctx) {\n    await new Promise(() => setInterval(() => ctx.log('waits'), 50));",
        ),
    );
    const command = project.start([...RETRAIN, '--force', '--reason', 'broken'], daysLater(4));
    const end = ended(command);
    while (project.rows("SELECT 1 FROM attempt WHERE run = 4 AND stage = 'train' AND status = 'running'").length === 0);
    const beside = await ifNeeded(daysLater(4));
    expect([beside.status, beside.stdout]).toEqual([
      0,
      expect.stringMatching(
        /^skipped: Another run is at work in this folder: pid \d+, for .*; the next call decides again \(wanted, because unfinished: run 4/,
      ),
    ]);
    command.kill('SIGKILL');
    await end;
    project.write('stages/train.ts', project.read('stages/train.ts').replace(/\n {4}await new Promise.*\n/, '\n'));
    const next = await ifNeeded(daysLater(4));
    expect(next.status).toBe(0);
    expect(decisions().at(-1)).toMatchObject({
      verdict: 'retrain',
      reason: 'unfinished: run 4 came to no verdict, so it is tried again',
      run: 5,
    });
  });
});

describe('a retraining that a gate refuses', () => {
  let project: Project;
  beforeAll(async () => {
    project = retrainProject();
    expect((await project.mlloop([...RETRAIN, '--bootstrap'])).status).toBe(0);
    await project.mlloop(['predict', 'artifacts/latest/preprocess/live', '--out', 'answers.csv']);
    const [head = '', ...rows] = project.read('answers.csv').trim().split('\n');
    const [id, predicted] = ['prediction_id', 'predicted'].map((name) => head.split(',').indexOf(name));
    const labels = rows.slice(0, 25).map((row) => [id, predicted].map((at) => row.split(',')[at ?? 0]).join(','));
    project.write('labels.csv', `prediction_id,label\n${labels.join('\n')}\n`);
    expect((await project.mlloop(['feedback', 'import', 'labels.csv'])).status).toBe(0);
  });
  afterAll(() => project.dispose());
  const REFUSING = ['--set', 'deploy.params.gate.accuracy.min=1'];
  /** Rows of feedback that the last run learned from. */
  const learned = () =>
    project.rows(`SELECT value FROM metric JOIN attempt AS made ON made.id = metric.attempt
      JOIN attempt AS turn ON coalesce(turn.origin, turn.id) = made.id AND turn.run = (SELECT max(id) FROM run)
      WHERE metric.name = 'feedbackRows' AND metric.split IS NULL`);

  test('gives its labels back, and does not try them again by itself', async () => {
    const refused = await project.mlloop([...RETRAIN, '--if-needed', ...REFUSING, '--summary', 's.md'], daysLater(2));
    expect([refused.status, refused.stdout]).toEqual([
      3,
      'refused: a gate let no model through, digits-demo v1 stays (run 2)\n',
    ]);
    expect(learned()).toEqual([{ value: 25 }]);
    expect(project.read('s.md')).toContain('given back: 25 labels of digits-demo, because this run was refused');
    expect((await project.mlloop(['run', '--profile', 'tiny'])).status).toBe(0);
    expect(learned()).toEqual([{ value: 0 }]);
    const later = await project.mlloop([...RETRAIN, '--if-needed'], daysLater(4));
    expect([later.status, later.stdout]).toEqual([0, 'skipped: no rule fired\n']);
    expect(later.stderr).toContain('newLabels   -  0 new labels < 20, beside 25 that a gate refused\n');
  });

  test('and tries them again when a person asks', async () => {
    const { status, stdout } = await project.mlloop([...RETRAIN, '--force', '--reason', 'mended'], daysLater(4));
    expect([status, stdout]).toEqual([0, 'promoted: digits-demo v2 is live instead of v1 (run 4)\n']);
    expect(learned()).toEqual([{ value: 25 }]);
    expect(project.rows('SELECT cut, outcome FROM feedback_outcome ORDER BY cut')).toEqual([
      { cut: 1, outcome: 'given_back' },
      { cut: 2, outcome: 'taken_in' },
    ]);
    expect(
      project.rows("SELECT version, count(*) AS labels FROM v_model_lineage WHERE what = 'label' GROUP BY version"),
    ).toEqual([{ version: 2, labels: 25 }]);
  });
});
