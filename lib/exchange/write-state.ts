import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listFiles } from '../cache/content.ts';
import type { Store } from '../cache/store.ts';
import { copyLog } from '../runlog/copy-log.ts';
import { type KeptRuns, neededLogs, neededObjects } from '../runlog/keep.ts';
import type { RunLog } from '../runlog/open.ts';
import { allVersions } from '../runlog/registry.ts';
import { syncPath } from '../util/fs-atomic.ts';
import { type Sha256, sha256File } from '../util/hash.ts';
import { DATABASE, MANIFEST, type StateManifest } from './manifest.ts';

export interface StateSource {
  readonly log: RunLog;
  /** The folder of runs.db and artifacts/. */
  readonly state: string;
  readonly store: Store;
  /** The runs whose outs and logs come along; every registered version does. */
  readonly kept: KeptRuns;
  /** What the log is called elsewhere. */
  readonly name: string;
  readonly pipeline: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Fills an empty folder with a state: a copy of the log, what is needed of artifacts/, and a manifest that has the sum of each file. */
export async function writeState(folder: string, source: StateSource): Promise<StateManifest> {
  const { log, state, store, kept, name, pipeline, at } = source;
  const objects: Sha256[] = [];
  for (const hash of neededObjects(log, kept)) {
    // What is damaged here is better made again there.
    if (await store.isWhole(hash as Sha256)) objects.push(hash as Sha256);
  }
  const facts = copyLog(log, { file: join(folder, DATABASE), objects, at });
  for (const hash of objects) copyTree(store.pathOf(hash), join(folder, objectPath(hash)));
  for (const version of allVersions(log)) copyTree(join(state, version.folder), join(folder, version.folder));
  for (const file of neededLogs(log, kept)) copyTree(join(state, file), join(folder, file));
  const files: Record<string, StateManifest['files'][string]> = {};
  for (const path of listFiles(folder)) {
    const file = join(folder, path);
    files[path] = { sha256: await sha256File(file), sizeBytes: statSync(file).size };
    syncPath(file);
  }
  const { schema, lastRun, rows } = facts;
  const manifest: StateManifest = { format: 'mlloop-state-1', name, pipeline, schema, at, lastRun, rows, files };
  writeFileSync(join(folder, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`);
  syncPath(join(folder, MANIFEST));
  return manifest;
}

/** Where an object lies below a state folder. */
export const objectPath = (hash: Sha256): string => join('artifacts', 'objects', hash.slice(0, 2), hash);

/** Copies a file or a folder, with new names for old bytes: what is read-only here can be taken away there. Nothing where nothing is. */
function copyTree(from: string, to: string): void {
  if (!existsSync(from)) return;
  if (statSync(from).isDirectory()) {
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(from)) copyTree(join(from, name), join(to, name));
    return;
  }
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
