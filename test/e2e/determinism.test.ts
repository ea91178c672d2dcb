import { afterAll, describe, expect, test } from 'vitest';
import { type Project, tinyProject } from '../rig/project.ts';

const projects: Project[] = [];
afterAll(() => {
  for (const project of projects) project.dispose();
});

/** Content hash of every out of a whole run in a folder of its own, and every score of the search. */
async function outcome(
  ...args: string[]
): Promise<{ readonly outs: unknown[]; readonly folds: unknown[]; readonly metrics: unknown[] }> {
  const project = tinyProject();
  projects.push(project);
  const { status, stderr } = await project.mlloop(['run', '--profile', 'tiny', ...args]);
  expect(status, stderr).toBe(0);
  return {
    outs: project.rows("SELECT stage, name, hash FROM v_lineage WHERE role = 'out' ORDER BY stage, name"),
    folds: project.rows('SELECT trial, fold, score FROM fold_result ORDER BY trial, fold'),
    metrics: project.rows(
      'SELECT stage, name, model, split, step, label, value FROM v_metrics ORDER BY 1, 2, 3, 4, 5, 6',
    ),
  };
}

describe('the same code, params, data and seed', () => {
  test('give the same bytes on one worker and on two, in any folder', async () => {
    const one = await outcome('--workers', '1');
    expect(one.outs).toHaveLength(16);
    expect(await outcome('--workers', '2')).toEqual(one);
  });

  test('with another seed give others', async () => {
    const hashOf = ({ outs }: { readonly outs: unknown[] }) =>
      (outs as { stage: string; name: string; hash: string }[]).find(({ stage }) => stage === 'train')?.hash;
    expect(hashOf(await outcome('--set', 'seed=43'))).not.toBe(hashOf(await outcome()));
  });
});
