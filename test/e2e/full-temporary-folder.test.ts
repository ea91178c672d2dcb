import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { Execution, Project } from '../rig/project.ts';
import { servedProject } from '../rig/served-project.ts';

let project: Project;
let mounted: string | undefined;
afterEach(() => {
  if (mounted !== undefined) spawnSync('umount', [mounted]);
  mounted = undefined;
  project.dispose();
});

/** A folder with little room; undefined where nothing can be mounted. */
function smallFolder(megabytes: number): string | undefined {
  const folder = project.path('small');
  mkdirSync(folder);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]).status !== 0) return undefined;
  mounted = folder;
  return folder;
}

/** Runs a command whose temporary folder has room for a megabyte. */
async function inLittleRoom(args: readonly string[]): Promise<Execution | undefined> {
  const folder = smallFolder(1);
  return folder === undefined ? undefined : project.mlloop(args, { TMPDIR: folder });
}

/** More labels than SQLite keeps in memory. */
function writeLabels(): void {
  const rows = Array.from({ length: 200_000 }, (_, at) => `0199a3f0-0000-7000-8000-${at},a`);
  writeFileSync(project.path('labels.csv'), `prediction_id,label\n${rows.join('\n')}\n`);
}

const message = (): string => `${project.path('small')} cannot be written to: no room is left on the device.
SQLite puts there what does not fit into memory. Free some room in it, or name another folder with TMPDIR=DIR, and try again.
`;

test('feedback that does not fit into the temporary folder ends the import, which says which folder it is', async ({
  skip,
}) => {
  project = await servedProject();
  writeLabels();
  const done = await inLittleRoom(['feedback', 'import', 'labels.csv', '--unknown', 'wait']);
  if (done === undefined) return skip('nothing can be mounted here');
  expect(done).toMatchObject({ status: 1, stderr: message() });
  expect(project.rows('SELECT count(*) AS rows FROM unmatched_label')).toEqual([{ rows: 0 }]);
});

test('where it is the folder of the state that is full, that is named', async ({ skip }) => {
  project = await servedProject();
  writeLabels();
  const state = smallFolder(8);
  if (state === undefined) return skip('nothing can be mounted here');
  spawnSync('cp', ['-a', project.path('runs.db'), project.path('artifacts'), state]);
  const { status, stderr } = await project.mlloop([
    ...['feedback', 'import', 'labels.csv', '--unknown', 'wait', '--state', 'small'],
  ]);
  expect([status, stderr]).toEqual([1, expect.stringContaining(`${state} cannot be written to: no room is left`)]);
  expect(stderr).toContain('npm run mlloop -- gc');
});

test('labels of a state that do not fit into it leave the log as it was', async ({ skip }) => {
  const other = await servedProject();
  const log = other.open();
  log.exec(`WITH RECURSIVE row (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM row WHERE at < 100000)
    INSERT INTO prediction (id, line, version, simulated, source, predicted, probabilities, at)
    SELECT printf('%0200d', at), 'toy', 1, 0, 'serve', 0, x'0000803f0000000000000000', at FROM row;
    UPDATE run SET pipeline = 'toy';
    INSERT INTO label (prediction, label, source, at) SELECT id, 0, 'serve', at FROM prediction`);
  log.close();
  project = await servedProject();
  const state = project.path('state.tar');
  expect((await other.mlloop(['state', 'export', state, '--name', 'other'])).status).toBe(0);
  other.dispose();
  const done = await inLittleRoom(['state', 'import', 'state.tar']);
  if (done === undefined) return skip('nothing can be mounted here');
  expect(done).toMatchObject({ status: 1, stderr: message() });
  expect(project.rows('SELECT count(*) AS rows FROM prediction')).toEqual([{ rows: 0 }]);
  expect((await project.mlloop(['state', 'import', 'state.tar'])).status).toBe(0);
  expect(project.rows('SELECT count(*) AS rows FROM label')).toEqual([{ rows: 100_000 }]);
});
