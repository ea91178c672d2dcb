import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selectRows, writeDataset } from '../../lib/data/dataset.ts';
import { generateDigits } from '../../lib/data/synthetic-digits/generate.ts';
import { orRaise } from '../../lib/domain/raised.ts';
import { countUp } from '../../lib/util/count-up.ts';
import { type JobOutcome, readWorkflow, runWorkflow } from '../rig/github/run-workflow.ts';
import { artifactStore } from '../rig/github/store.ts';
import { daysLater } from '../rig/later.ts';
import { ended, HOME } from '../rig/project.ts';
import { startMlloop } from '../rig/start-mlloop.ts';

const POLICY = `retrain:
  age: 30d
  rules: { newLabels: 20, drift: { windows: 2, of: 3 } }
  cooldown: 20h
  promotions: 1
`;

/** What the schedule runs with: generated digits, and a gate that lets everything pass that is not a lot worse. */
const CI = `  ci:
    collect.params: { source: synthetic-digits, synthetic: { train: 800, test: 600 } }
    preprocess.params.live: 0.1
    train.params: { hidden: [16], epochs: 4, learningRate: 0.01, batch: 32, validation: 0.1 }
    optimize.params: { folds: 2, rows: 300, grid: { hidden: [[16], [24]] } }
    deploy.params: { gate: { accuracy: { min: 0.3 } }, champion: { require: not worse, margin: 0.3, classMargin: 0.95 } }
    feedback.params: { drift: { rows: 500 } }
`;

const REPOSITORY = 'somebody/digits';
const folder = mkdtempSync(join(tmpdir(), 'mlloop-week-'));
const at = (...parts: string[]): string => join(folder, ...parts);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const artifacts = artifactStore(at('github', 'artifacts'));
const workflow = readWorkflow(join(HOME, '.github/workflows/retrain.yml'));
const runs: { readonly id: number; readonly branch: string }[] = [];

beforeAll(() => {
  mkdirSync(at('bin'), { recursive: true });
  mkdirSync(at('github', 'artifacts'), { recursive: true });
  const gh = join(HOME, 'test/rig/github/gh.mjs');
  writeFileSync(at('bin', 'gh'), `#!/bin/sh\nexec "${process.execPath}" "${gh}" "$@"\n`, { mode: 0o755 });
});

/** The repository as a job finds it after checkout and \`npm ci\`. */
function checkOut(): string {
  const workspace = mkdtempSync(at('job-'));
  for (const name of ['package.json', 'stages'])
    cpSync(join(HOME, name), join(workspace, name), { recursive: true, preserveTimestamps: true });
  for (const name of ['lib', 'node_modules']) symlinkSync(join(HOME, name), join(workspace, name));
  const yaml = readFileSync(join(HOME, 'pipeline.yaml'), 'utf8')
    .replace(/^retrain:[\s\S]*?(?=^profiles:)/m, POLICY)
    .replace(/^ {2}ci:[\s\S]*?(?=^ {2}quick:)/m, CI);
  writeFileSync(join(workspace, 'pipeline.yaml'), yaml);
  return workspace;
}

type Inputs = Readonly<Record<string, string | boolean>>;

interface WorkflowRun {
  readonly run: number;
  readonly jobs: Readonly<Record<string, JobOutcome>>;
}

/** A run of the workflow on a day: by the schedule, or dispatched with these inputs. */
function callWorkflow(day: number, inputs?: Inputs): WorkflowRun {
  const run = 100 + runs.length;
  runs.push({ id: run, branch: 'main' });
  writeFileSync(at('github', 'runs.json'), JSON.stringify(runs));
  const github = {
    token: 'a-token',
    ref_name: 'main',
    run_id: run,
    run_attempt: 1,
    event: inputs === undefined ? { schedule: '17 3 * * *' } : { inputs },
  };
  const feedback = at('feedback.jsonl');
  const jobs = runWorkflow({
    workflow,
    run,
    contexts: { github, inputs: inputs ?? {}, vars: { MLLOOP_FEEDBACK_URL: `file://${feedback}` }, secrets: {} },
    artifacts,
    checkOut,
    env: {
      PATH: `${at('bin')}:${process.env['PATH']}`,
      HOME: process.env['HOME'] ?? '',
      CI: 'true',
      GH_FOLDER: at('github'),
      GITHUB_REPOSITORY: REPOSITORY,
      ...daysLater(day),
    },
  });
  return { run, jobs };
}

/** What came of the deciding job, by its own word; its log where it failed. */
const outcomeOf = ({ jobs: { retrain } }: WorkflowRun): string =>
  retrain?.result === 'success' ? (retrain.outputs['outcome'] ?? '') : `failed: ${retrain?.log}`;

/** The server: answers rows with the model of the last state, people label some, and all of it is there to be fetched. */
async function serve(day: number, { state, rows, labels, inverted }: Serving): Promise<void> {
  const server = mkdtempSync(at('server-'));
  const mlloop = async (...args: string[]): Promise<void> => {
    const { status, stderr } = await ended(startMlloop(args, { cwd: server, env: daysLater(day) }));
    expect(status, stderr).toBe(0);
  };
  cpSync(join(HOME, 'pipeline.yaml'), join(server, 'pipeline.yaml'));
  await mlloop('state', 'import', artifacts.path(state, 'mlloop-state', 'state.tar.gz'));
  const digits = orRaise(generateDigits({ train: rows, test: 0 }, 1000 + day));
  const drawn = selectRows(digits, countUp(rows));
  const pixels = drawn.feature('pixels') as Uint8Array;
  const data = inverted ? pixels.map((value) => 255 - value) : pixels;
  const columns = { label: drawn.labels, pixels: { data, shape: [28, 28] } };
  orRaise(writeDataset(join(server, 'asked'), { columns, classes: [...'0123456789'] }));
  await mlloop('predict', 'asked', '--line', 'digits-demo', '--out', 'answers.csv');
  const [head = '', ...lines] = readFileSync(join(server, 'answers.csv'), 'utf8').trim().split('\n');
  const id = head.split(',').indexOf('prediction_id');
  const told = lines.slice(0, labels).map((line, row) => `${line.split(',')[id]},${drawn.labels[row]}`);
  writeFileSync(join(server, 'labels.csv'), `prediction_id,label\n${told.join('\n')}\n`);
  await mlloop('feedback', 'import', 'labels.csv');
  await mlloop('feedback', 'export', '--unlabelled', at('feedback.jsonl'));
}

interface Serving {
  /** The run whose state the server has. */
  readonly state: number;
  readonly rows: number;
  readonly labels: number;
  readonly inverted: boolean;
}

test('a week of scheduled runs: one lost, one doubled, one with a broken state, one with drift', async () => {
  writeFileSync(at('feedback.jsonl'), '');
  const morning = callWorkflow(0);
  expect(outcomeOf(morning)).toContain(
    '::error::There is no state to go on from, so no gate would know a champion. Dispatch the workflow with bootstrap to begin anew.',
  );
  expect([morning.jobs['promote']?.result, artifacts.names(morning.run)]).toEqual(['skipped', []]);

  const first = callWorkflow(0, { bootstrap: true, pull_request: '7' });
  expect(outcomeOf(first)).toBe('promoted');
  expect(first.jobs['promote']?.result).toBe('success');
  expect(artifacts.names(first.run).sort()).toEqual([
    'mlloop-candidate',
    'mlloop-model',
    'mlloop-state',
    'retrain-report',
  ]);

  const one = callWorkflow(1);
  expect([outcomeOf(one), artifacts.names(one.run).sort()]).toEqual(['skipped', ['mlloop-state', 'retrain-report']]);
  expect(one.jobs['retrain']?.summary).toContain('**skipped: no rule fired**');

  await serve(2, { state: one.run, rows: 30, labels: 25, inverted: false });
  const two = callWorkflow(2, { pull_request: '7' });
  expect([outcomeOf(two), two.jobs['promote']?.result, two.jobs['comment']?.result]).toEqual([
    'promoted',
    'success',
    'success',
  ]);

  // The third day's call is lost. The fourth's comes twice, and the second of them is broken on its way.
  const four = [callWorkflow(4), callWorkflow(4)] as const;
  expect(four.map(outcomeOf)).toEqual(['skipped', 'skipped']);
  truncateSync(artifacts.path(four[1].run, 'mlloop-state', 'state.tar.gz'), 5000);

  const five = callWorkflow(5);
  expect(outcomeOf(five)).toMatch(
    /^failed: The state of run \d+\n[\s\S]*restored\/state.tar.gz is not what was exported[\s\S]*Nothing was imported/,
  );
  expect(artifacts.names(five.run)).toEqual([]);
  // Whoever looks into it says from where to go on.
  const mended = callWorkflow(5, { state_run: String(four[0].run) });
  expect(outcomeOf(mended)).toBe('skipped');

  await serve(6, { state: mended.run, rows: 1000, labels: 10, inverted: true });
  const six = callWorkflow(6);
  expect([outcomeOf(six), six.jobs['promote']?.result]).toEqual(['promoted', 'success']);
  const seven = callWorkflow(7);
  expect(outcomeOf(seven)).toBe('skipped');

  const last = at('last');
  mkdirSync(last);
  cpSync(join(HOME, 'pipeline.yaml'), join(last, 'pipeline.yaml'));
  const archive = artifacts.path(seven.run, 'mlloop-state', 'state.tar.gz');
  expect((await ended(startMlloop(['state', 'import', archive], { cwd: last, env: {} }))).status).toBe(0);
  const log = new Database(join(last, 'runs.db'), { readonly: true });
  const began = log.prepare('SELECT min(at) FROM retrain_decision').pluck().get() as number;
  const told = log
    .prepare(
      'SELECT (at - ?) / 86400000.0 AS day, line, asked, profile, verdict, reason, run FROM retrain_decision ORDER BY id',
    )
    .all(began) as { readonly day: number }[];
  const common = { line: 'digits-demo', asked: 'if_needed', profile: 'ci' };
  const idle = { ...common, verdict: 'skipped', reason: 'no rule fired', run: null };
  expect(told.map(({ day, ...row }) => ({ day: Math.round(day), ...row }))).toEqual([
    { day: 0, ...common, verdict: 'retrain', reason: 'noChampion: no model is live yet', run: 1 },
    { day: 1, ...idle },
    { day: 2, ...common, verdict: 'retrain', reason: 'newLabels: 25 new labels >= 20', run: 2 },
    { day: 4, ...idle },
    { day: 5, ...idle },
    { day: 6, ...common, verdict: 'retrain', reason: 'drift: 2 of the last 2 windows >= 2', run: 4 },
    { day: 7, ...idle },
  ]);
  expect(log.prepare('SELECT id, verb, trigger, status FROM run ORDER BY id').all()).toEqual(
    [1, 2, 3, 4].map((id) => ({ id, verb: 'retrain', trigger: 'ci', status: 'succeeded' })),
  );
  // Run 3 only judged what the server had been asked.
  expect(log.prepare('SELECT stage FROM attempt WHERE run = 3').pluck().all()).toEqual(['feedback']);
  expect(
    log.prepare("SELECT kind, to_version AS version FROM deployment WHERE alias = 'champion' ORDER BY id").all(),
  ).toEqual([
    { kind: 'deploy', version: 1 },
    { kind: 'deploy', version: 2 },
    { kind: 'deploy', version: 3 },
  ]);
  expect(log.prepare('SELECT cut.retrain, cut.simulated FROM accepted_feedback AS cut ORDER BY id').all()).toHaveLength(
    2,
  );
  log.close();

  const comments = JSON.parse(readFileSync(at('github', 'comments.json'), 'utf8')) as {
    readonly body: string;
    readonly issue: number;
  }[];
  expect(comments).toHaveLength(1);
  expect(comments[0]?.issue).toBe(7);
  expect(comments[0]?.body).toContain('newLabels: 25 new labels');
});
