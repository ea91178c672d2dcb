import { afterEach, expect, test, vi } from 'vitest';
import { ended, type Project, tinyProject } from '../rig/project.ts';

let project: Project;
afterEach(() => project.dispose());

const search = (hidden: string): string[] => [
  'run',
  '--to',
  'optimize',
  '--profile',
  'tiny',
  '--workers',
  '1',
  '--set',
  'optimize.params.rows=600',
  '--set',
  `optimize.params.grid={hidden: ${hidden}, epochs: [60]}`,
];

const SIX = '[[16], [20], [24], [28], [32], [36]]';

const folds = (run: number): { cells: number; reused: number } | undefined =>
  project.rows<{ cells: number; reused: number }>(
    `SELECT count(*) AS cells, sum(reused) AS reused FROM v_trials WHERE run = ${run}`,
  )[0];

const results = (): string => project.read('artifacts/latest/optimize/results.json');

test('a search that is killed goes on where it was, a wider grid computes the new cells, and neither changes the answer', async () => {
  project = tinyProject();
  await project.mlloop(['run', '--to', 'train', '--profile', 'tiny']);
  const command = project.start(search(SIX));
  const run = ended(command);
  const remembered = (): number => project.rows<{ n: number }>('SELECT count(*) AS n FROM task_memo')[0]?.n ?? 0;
  await vi.waitFor(() => expect(remembered()).toBeGreaterThanOrEqual(5), { timeout: 30_000, interval: 5 });
  command.kill('SIGKILL');
  await run;
  const kept = remembered();

  expect((await project.mlloop(search(SIX))).status).toBe(0);
  const resumed = folds(3);
  // Two folds of six candidates and of the baseline, which is measured beside them.
  expect(resumed).toEqual({ cells: 14, reused: kept });
  const answer = results();

  expect((await project.mlloop(search(`${SIX.slice(0, -1)}, [40]]`))).status).toBe(0);
  expect(folds(4)).toEqual({ cells: 16, reused: 14 });

  const other = tinyProject();
  try {
    await other.mlloop(search(SIX));
    expect(answer).toBe(other.read('artifacts/latest/optimize/results.json'));
  } finally {
    other.dispose();
  }
});
