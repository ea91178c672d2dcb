import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Project, tinyProject } from '../rig/project.ts';
import { told } from '../rig/told.ts';

let project: Project;

beforeAll(async () => {
  project = tinyProject();
});
afterAll(() => project.dispose());

const statuses = (run: number): Record<string, string> =>
  Object.fromEntries(
    project
      .rows<{ stage: string; status: string }>(`SELECT stage, status FROM attempt WHERE run = ${run}`)
      .map(({ stage, status }) => [stage, status]),
  );

describe('one stage alone', () => {
  test('whose outs to read are missing names the command that makes them', async () => {
    const { stderr, status } = await project.mlloop(['stage', 'evaluate', '--profile', 'tiny']);
    expect(status).toBe(2);
    expect(told(stderr)).toContain(`  Its dep 'test' is preprocess.test, which has not been made yet.
  Make it with: npm run pipeline -- --to preprocess --profile tiny
`);
  });

  test('an experiment stops at optimize, and neither looks at the test set nor deploys', async () => {
    const grid = 'optimize.params.grid.hidden=[[8]]';
    const run = await project.mlloop(['run', '--to', 'optimize', '--profile', 'tiny', '--set', grid]);
    expect(run.status).toBe(0);
    expect(statuses(2)).toEqual({
      collect: 'succeeded',
      preprocess: 'succeeded',
      train: 'succeeded',
      optimize: 'succeeded',
    });
    expect(project.rows("SELECT 1 FROM metric WHERE split = 'test' AND name = 'accuracy'")).toEqual([]);
    expect(project.rows('SELECT 1 FROM model_version')).toEqual([]);
    expect(project.rows("SELECT value FROM param WHERE run = 2 AND name = 'grid.hidden'")).toEqual([
      { value: '[[8]]' },
    ]);
  });

  test('is executed on the outs that are there, also when nothing changed', async () => {
    const run = await project.mlloop(['stage', 'train', '--profile', 'tiny']);
    expect(run.status).toBe(0);
    expect(statuses(3)).toEqual({ train: 'succeeded' });
    expect(told(run.stderr)).toContain('train  ran  <time>  asked for by name');
  });

  test('that does not exist names those that do', async () => {
    const { stderr, status } = await project.mlloop(['stage', 'trian']);
    expect({ stderr, status }).toEqual({
      status: 2,
      stderr: `There is no stage 'trian'. Did you mean 'train'?
Declared: collect, preprocess, train, optimize, evaluate, deploy, feedback, iterate.
`,
    });
  });
});
