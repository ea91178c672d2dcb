import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Execution, type Project, tinyProject } from '../rig/project.ts';
import { told } from '../rig/told.ts';

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

  test('does not change how the run that asked for it ends, and says that it is the feedback', () => {
    expect(first.status).toBe(0);
    expect(own.rows('SELECT id, status FROM run')).toEqual([
      { id: 1, status: 'succeeded' },
      { id: 2, status: 'refused' },
    ]);
    expect(told(first.stderr)).toContain(
      '400 of them are accepted feedback. To learn from less of it, or from none: --set collect.params.feedback.share=0',
    );
  });

  test('is refused again by a plain run, until somebody takes the feedback out', async () => {
    expect((await own.mlloop(RUN)).status).toBe(3);
    const without = await own.mlloop([...RUN, '--set', 'collect.params.feedback.share=0']);
    expect(without.status).toBe(0);
    // Nothing was trained since on other rows than these.
    expect(own.rows("SELECT DISTINCT status FROM attempt WHERE run = 4 AND stage IN ('train', 'optimize')")).toEqual([
      { status: 'fresh' },
    ]);
  });
});
