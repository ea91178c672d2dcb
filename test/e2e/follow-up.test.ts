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
