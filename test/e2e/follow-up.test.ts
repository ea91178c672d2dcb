import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Execution, type Project, tinyProject } from '../rig/project.ts';
import { told } from '../rig/told.ts';

/** Another champion is asked anew, and its labels would ask for another round. */
const ALONE = ['run', '--profile', 'tiny', '--set', 'iterate.params.maxRounds=0'];

let project: Project;
let rounds: Execution;

beforeAll(async () => {
  project = tinyProject(['iterate.params.rules.newLabels: 30']);
  rounds = await project.mlloop(['run', '--profile', 'tiny']);
});
afterAll(() => project.dispose());

describe('a decision to retrain', () => {
  test('starts one follow-up run that learns from the accepted feedback', () => {
    expect(rounds.status).toBe(0);
    const text = told(rounds.stderr);
    expect(text).toContain('decision  retrain: newLabels: 40 new SIMULATED labels >= 30');
    expect(text).toContain('Run 2 of digits (profile tiny, follows run 1, with its feedback)');
    expect(text).toContain('Of the training rows, 40 are accepted feedback of digits-demo.');
    expect(project.rows('SELECT id, parent, round, trigger, status FROM run')).toEqual([
      { id: 1, parent: null, round: 0, trigger: 'manual', status: 'succeeded' },
      { id: 2, parent: 1, round: 1, trigger: 'iterate', status: 'succeeded' },
    ]);
    expect(project.rows("SELECT value FROM metric WHERE name = 'feedbackRows' ORDER BY id")).toEqual([
      { value: 0 },
      { value: 40 },
    ]);
  });

  test('is not made again once maxRounds is reached', () => {
    expect(told(rounds.stderr)).toContain('but maxRounds 1 is reached');
    expect(project.rows('SELECT verdict FROM decision ORDER BY id')).toEqual([
      { verdict: 'retrain' },
      { verdict: 'keep' },
    ]);
  });

  test('leaves a later plain run with nothing to do', async () => {
    const plain = await project.mlloop(['run', '--profile', 'tiny']);
    expect(plain.status).toBe(0);
    expect(project.rows('SELECT DISTINCT status FROM attempt WHERE run = 3')).toEqual([{ status: 'fresh' }]);
    expect(project.rows('SELECT count(*) AS runs FROM run')).toEqual([{ runs: 3 }]);
  });
});

describe('a follow-up run whose feedback the data gate refuses', () => {
  const RUN = [
    ...['run', '--profile', 'tiny', '--set', 'collect.params.synthetic={train: 1600, test: 200}'],
    ...['--set', 'preprocess.params.live=0.5'],
    ...['--set', 'feedback.params.simulate={rows: 900, world: {noise: 0.9, after: 0}}'],
  ];
  let own: Project;
  let first: Execution;

  beforeAll(async () => {
    own = tinyProject(['iterate.params.rules.newLabels: 30']);
    first = await own.mlloop(RUN);
  });
  afterAll(() => own.dispose());
  const statuses = (run: number): Record<string, string> =>
    Object.fromEntries(
      own
        .rows<{ stage: string; status: string }>(`SELECT stage, status FROM attempt WHERE run = ${run} ORDER BY id`)
        .map(({ stage, status }) => [stage, status]),
    );

  test('does not change how the run that asked for it ends, and gives the feedback back', () => {
    expect(first.status).toBe(0);
    expect(own.rows('SELECT id, status FROM run')).toEqual([
      { id: 1, status: 'succeeded' },
      { id: 2, status: 'refused' },
    ]);
    const said = told(first.stderr);
    expect(said).toContain(
      '400 of them are accepted feedback. To learn from less of it, or from none: --set collect.params.feedback.share=0',
    );
    expect(said).toContain(
      'given back  400 SIMULATED labels of digits-demo, because this run was refused: later runs learn without what it had learned from.\n' +
        '            They are tried again together with newer ones.\n',
    );
    expect(own.rows('SELECT cut, outcome FROM feedback_outcome')).toEqual([{ cut: 1, outcome: 'given_back' }]);
  });

  test('leaves plain runs as if it had not been, and is not begun again by itself', async () => {
    const plain = await own.mlloop(RUN);
    expect(plain.status).toBe(0);
    expect(statuses(3)).toEqual({
      ...{ collect: 'cached', preprocess: 'fresh', train: 'fresh', optimize: 'fresh', evaluate: 'fresh' },
      ...{ deploy: 'fresh', feedback: 'succeeded', iterate: 'succeeded' },
    });
    expect(told(plain.stderr)).toContain('newLabels: 0 new SIMULATED labels < 30, beside 400 that a gate refused');
    expect((await own.mlloop(RUN)).status).toBe(0);
    expect(new Set(Object.values(statuses(4)))).toEqual(new Set(['fresh']));
    expect(own.rows('SELECT count(*) AS runs FROM run')).toEqual([{ runs: 4 }]);
    expect(own.rows('SELECT count(*) AS cuts FROM accepted_feedback')).toEqual([{ cuts: 1 }]);
  });

  test('is laid out again with the feedback it had learned from', async () => {
    const there = own.path('refused');
    expect((await own.mlloop(['restore', '2', '--into', there])).status).toBe(0);
    const log = new Database(`${there}/runs.db`, { readonly: true });
    expect(log.prepare('SELECT count(*) FROM accepted_feedback').pluck().get()).toBe(1);
    expect(log.prepare('SELECT count(*) FROM feedback_outcome').pluck().get()).toBe(0);
    log.close();
  });
});

describe('a follow-up run that broke off', () => {
  let own: Project;
  const RUN = ['run', '--profile', 'tiny'];
  const FAILS = "async run(ctx) {\n    if ((await ctx.ask('round', null)) > 0) throw new Error('no memory');";

  beforeAll(() => {
    own = tinyProject(['iterate.params.rules.newLabels: 30']);
    const train = own.read('stages/train.ts').replace('async run(ctx) {', FAILS);
    own.write('stages/train.ts', train.replace("reads: ['engine'", "reads: ['round', 'engine'"));
  });
  afterAll(() => own.dispose());

  test('says nothing of its feedback: the next run goes on with it, and takes it in', async () => {
    expect((await own.mlloop(RUN)).status).toBe(1);
    expect(own.rows('SELECT id, status FROM run')).toEqual([
      { id: 1, status: 'succeeded' },
      { id: 2, status: 'failed' },
    ]);
    expect(own.rows('SELECT outcome FROM feedback_outcome')).toEqual([]);
    // A part of the pipeline without its gates does not settle it.
    expect((await own.mlloop([...RUN, '--to', 'train'])).status).toBe(0);
    expect(own.rows('SELECT outcome FROM feedback_outcome')).toEqual([]);
    const plain = await own.mlloop(ALONE);
    expect(plain.status).toBe(0);
    expect(
      own.rows(`SELECT value FROM metric JOIN attempt ON attempt.id = metric.attempt
        WHERE name = 'feedbackRows' AND split IS NULL ORDER BY metric.id DESC LIMIT 1`),
    ).toEqual([{ value: 40 }]);
    expect(own.rows('SELECT cut, outcome FROM feedback_outcome')).toEqual([{ cut: 1, outcome: 'taken_in' }]);
  });

  test('and what was taken in stays, whatever a later run is refused for', async () => {
    const refused = await own.mlloop([...ALONE, '--set', 'deploy.params.gate.accuracy.min=1']);
    expect(refused.status).toBe(3);
    expect(told(refused.stderr)).not.toContain('given back');
    expect(own.rows('SELECT cut, outcome FROM feedback_outcome')).toEqual([{ cut: 1, outcome: 'taken_in' }]);
    expect((await own.mlloop(ALONE)).status).toBe(0);
  });
});

describe('a follow-up run into whose data the feedback does not fit', () => {
  let own: Project;
  const RUN = ['run', '--profile', 'tiny'];

  beforeAll(() => {
    own = tinyProject(['iterate.params.rules.newLabels: 30']);
  });
  afterAll(() => own.dispose());

  test('says so, and gives the feedback back: the next run can be made', async () => {
    expect((await own.mlloop([...RUN, '--to', 'deploy'])).status).toBe(0);
    const log = own.open();
    log.exec(`CREATE TRIGGER shrink AFTER INSERT ON accepted_feedback BEGIN UPDATE prediction_input SET input = zeroblob(5)
      WHERE prediction = (SELECT number FROM prediction WHERE id = (SELECT prediction FROM label WHERE id = 7)); END`);
    log.close();
    const broken = await own.mlloop([...RUN, '--from', 'feedback']);
    expect(broken.status).toBe(2);
    expect(own.rows('SELECT id, parent, status FROM run WHERE id > 1')).toEqual([
      { id: 2, parent: null, status: 'succeeded' },
      { id: 3, parent: 2, status: 'failed' },
    ]);
    const said = told(broken.stderr);
    expect(said).toContain('The accepted feedback with label id 7 has 5 bytes; a row of this source has 784.');
    expect(said).toContain(
      'given back  40 SIMULATED labels of digits-demo, because not all of them fit into the data of this run: later runs learn without them.',
    );
    expect(own.rows('SELECT cut, outcome FROM feedback_outcome')).toEqual([{ cut: 1, outcome: 'given_back' }]);
    expect((await own.mlloop(ALONE)).status).toBe(0);
  });
});

describe('a refused follow-up run that somebody overrides', () => {
  let own: Project;
  const RUN = ['run', '--profile', 'tiny'];
  // Of two models of the same rows the second cannot be better; a limit nobody reaches refuses it, not the first.
  const LIMIT = ['--set', 'deploy.params.gate.accuracy.min=1'];

  beforeAll(async () => {
    own = tinyProject(['iterate.params.rules.newLabels: 30']);
    expect((await own.mlloop([...RUN, '--to', 'deploy'])).status).toBe(0);
    expect((await own.mlloop([...RUN, ...LIMIT, '--from', 'feedback'])).status).toBe(0);
  });
  afterAll(() => own.dispose());

  test('goes live with the feedback it had learned from', async () => {
    expect(own.rows('SELECT id, parent, status FROM run')).toEqual([
      { id: 1, parent: null, status: 'succeeded' },
      { id: 2, parent: null, status: 'succeeded' },
      { id: 3, parent: 2, status: 'refused' },
    ]);
    const overridden = await own.mlloop([...ALONE, ...LIMIT, '--override', 'the labels are right']);
    expect(overridden.status).toBe(0);
    expect(own.rows('SELECT cut, outcome FROM feedback_outcome')).toEqual([
      { cut: 1, outcome: 'given_back' },
      { cut: 2, outcome: 'taken_in' },
    ]);
    expect(
      own.rows("SELECT version, count(*) AS labels FROM v_model_lineage WHERE what = 'label' GROUP BY version"),
    ).toEqual([{ version: 2, labels: 40 }]);
    // Both say how it is from now on: nothing is left to do.
    expect((await own.mlloop(ALONE)).status).toBe(0);
  });
});
