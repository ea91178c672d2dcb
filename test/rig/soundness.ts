import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { contentOf } from '../../lib/cache/content.ts';
import { MARK_VARIABLE } from '../../lib/runner/process-tree.ts';
import type { Project } from './project.ts';

interface OutRow {
  readonly run: number;
  readonly stage: string;
  readonly name: string;
  readonly hash: string;
}

const objectOf = (project: Project, hash: string): string =>
  project.path('artifacts', 'objects', hash.slice(0, 2), hash);

/** Pids of processes of the project's stages that are alive. */
export function stageProcesses(project: Project): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`${MARK_VARIABLE}=`)) return false;
        return readlinkSync(`/proc/${pid}/cwd`) === project.root;
      } catch {
        // It ended while it was looked at, or is none of ours.
        return false;
      }
    })
    .map(Number);
}

/** Every out that is on record is in the store, whole. */
async function expectWholeOuts(project: Project): Promise<void> {
  const rows = project.rows<OutRow>(
    "SELECT DISTINCT hash FROM attempt_artifact JOIN attempt ON attempt.id = attempt WHERE role = 'out' AND status = 'succeeded'",
  );
  for (const { hash } of rows) expect((await contentOf(objectOf(project, hash))).hash).toBe(hash);
}

/** Names below a folder that only something unfinished has. */
const unfinishedIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tmp'))
    : [];

/** What has to hold after any command that ended by itself, whatever happened before it. */
export async function expectSound(project: Project): Promise<void> {
  expect(project.rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  expect(project.rows('PRAGMA foreign_key_check')).toEqual([]);
  expect(project.rows("SELECT id FROM run WHERE status = 'running'")).toEqual([]);
  expect(project.rows("SELECT id FROM attempt WHERE status = 'running'")).toEqual([]);
  expect(stageProcesses(project)).toEqual([]);
  await expectWholeOuts(project);
  const { objects, models, tmp } = {
    objects: project.path('artifacts', 'objects'),
    models: project.path('artifacts', 'models'),
    tmp: project.path('artifacts', 'tmp'),
  };
  expect([...unfinishedIn(objects), ...unfinishedIn(models)]).toEqual([]);
  expect(existsSync(tmp) ? readdirSync(tmp) : []).toEqual([]);
}

/** What a project has come to: its last run's outs by hash on record and by the bytes under `latest`, and its champions. */
export async function finalState(project: Project): Promise<Readonly<Record<string, unknown>>> {
  const rows = project.rows<OutRow>(
    "SELECT stage, name, hash FROM v_lineage WHERE role = 'out' AND run = (SELECT max(id) FROM run) ORDER BY stage, name",
  );
  const latest: Record<string, string> = {};
  for (const { stage, name } of rows) {
    const folder = project.path('artifacts', 'latest', stage);
    const shown = readdirSync(folder).find((file) => file.replace(/\.(json|html)$/, '') === name) ?? name;
    latest[`${stage}.${name}`] = (await contentOf(join(folder, shown))).hash;
  }
  const champions = project.rows<{ readonly line: string; readonly version: number; readonly hash: string }>(
    "SELECT line, version, hash FROM alias JOIN model_version USING (line, version) WHERE alias = 'champion' ORDER BY line",
  );
  const files = champions.map(({ line }) => {
    const text = readFileSync(project.path('artifacts', 'models', line, 'champion', 'version.json'), 'utf8');
    const { version, hash, files: sums } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return { version, hash, sums };
  });
  return {
    outs: Object.fromEntries(rows.map(({ stage, name, hash }) => [`${stage}.${name}`, hash])),
    latest,
    champions,
    files,
  };
}
