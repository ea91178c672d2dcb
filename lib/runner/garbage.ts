import { existsSync, lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Store } from '../cache/store.ts';
import { isKept, type KeptRuns, knownObjects, markFreed, neededLogs, neededObjects } from '../runlog/keep.ts';
import type { RunLog } from '../runlog/open.ts';
import { faultPoint } from '../util/fault.ts';
import { makerOfTemporary } from '../util/fs-atomic.ts';
import { isSha256, type Sha256 } from '../util/hash.ts';
import { isAlive } from '../util/process.ts';
import type { StateFolder } from './state.ts';

export const GARBAGE_KINDS = ['outs', 'code', 'unknown', 'temporary', 'links', 'logs'] as const;

/** What a piece of garbage was: `unknown` is an object that no attempt ever recorded, left by a run that died. */
export type GarbageKind = (typeof GARBAGE_KINDS)[number];

export interface GarbageItem {
  readonly kind: GarbageKind;
  readonly path: string;
  readonly sizeBytes: number;
}

export interface Garbage {
  readonly items: readonly GarbageItem[];
  /** Objects that stay. */
  readonly there: readonly Sha256[];
  /** Objects among the items. */
  readonly freed: readonly Sha256[];
}

export interface GarbageOptions {
  readonly state: StateFolder;
  readonly kept: KeptRuns;
}

/** Everything in artifacts/ that nothing needs. The caller holds the run lock. */
export function findGarbage(log: RunLog, { state, kept }: GarbageOptions): Garbage {
  const objects = lookAtObjects(log, { state, kept });
  const { artifacts } = state;
  const logs = neededLogs(log, kept);
  const runLogs = numbered(join(artifacts, 'logs'))
    .filter(({ run }) => !isKept(kept, run))
    .flatMap(({ path }) => names(path).map((name) => join(path, name)))
    .filter((path) => !logs.has(relative(state.folder, path)));
  return {
    ...objects,
    items: [
      ...objects.items,
      ...temporaries(state).map((path) => item('temporary', path)),
      ...numbered(join(artifacts, 'runs'))
        .filter(({ run }) => !isKept(kept, run))
        .map(({ path }): GarbageItem => ({ kind: 'links', path, sizeBytes: 0 })),
      ...runLogs.map((path) => item('logs', path)),
    ],
  };
}

const item = (kind: GarbageKind, path: string): GarbageItem => ({ kind, path, sizeBytes: sizeOf(path) });

function lookAtObjects(log: RunLog, { state, kept }: GarbageOptions): Garbage {
  const needed = neededObjects(log, kept);
  const known = knownObjects(log);
  const items: GarbageItem[] = [];
  const there: Sha256[] = [];
  const freed: Sha256[] = [];
  for (const folder of names(state.objects)) {
    for (const name of names(join(state.objects, folder))) {
      const path = join(state.objects, folder, name);
      if (!isSha256(name)) continue;
      if (needed.has(name)) {
        there.push(name);
        continue;
      }
      const about = known.get(name);
      const kind = about === undefined ? 'unknown' : about.kind === 'code' ? 'code' : 'outs';
      items.push(about === undefined ? item(kind, path) : { kind, path, sizeBytes: about.sizeBytes });
      freed.push(name);
    }
  }
  return { items, there, freed };
}

/** Where half-made files may lie, by how deep below artifacts/. */
const TEMPORARY_PLACES = [
  ['.', 0],
  ['objects', 1],
  ['cache', 0],
  ['models', 1],
  ['latest', 1],
  ['runs', 2],
] as const;

/** Half-made files and folders whose maker is gone, and the folder that stages work in. */
export function temporaries({ folder: top, artifacts }: Pick<StateFolder, 'folder' | 'artifacts'>): string[] {
  const left = names(join(artifacts, 'tmp')).map((name) => join(artifacts, 'tmp', name));
  const places = TEMPORARY_PLACES.flatMap(([place, depth]) => foldersBelow(join(artifacts, place), depth));
  // What is imported, and a copy of the log, are made beside the log.
  for (const folder of [top, ...places]) {
    for (const name of names(folder)) {
      const maker = makerOfTemporary(name);
      // Whoever moves an alias holds no run lock, and may be at it right now.
      if (maker !== undefined && !isAlive(maker)) left.push(join(folder, name));
    }
  }
  return left;
}

function foldersBelow(folder: string, depth: number): string[] {
  if (depth === 0) return [folder];
  const below = names(folder).map((name) => join(folder, name));
  const folders = below.filter((path) => lstatSync(path).isDirectory() && makerOfTemporary(path) === undefined);
  return [folder, ...folders.flatMap((path) => foldersBelow(path, depth - 1))];
}

/** Folders named by a run's number. */
function numbered(folder: string): { readonly run: number; readonly path: string }[] {
  return names(folder)
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ run: Number(name), path: join(folder, name) }));
}

const names = (folder: string): string[] =>
  existsSync(folder) && lstatSync(folder).isDirectory() ? readdirSync(folder).sort() : [];

function sizeOf(path: string): number {
  const stats = lstatSync(path);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

/**
 * Removes it. The log is told first: an object that is gone and said to be there would be a fault, one that is there and said
 * to be gone is found again the next time.
 */
export function removeGarbage(
  log: RunLog,
  { items, there, freed }: Garbage,
  { store, at }: { readonly store: Store; readonly at: number },
): void {
  markFreed(log, { freed, there, at });
  faultPoint('gc.marked');
  for (const hash of freed) store.remove(hash);
  const others = items.filter(({ kind }) => kind === 'temporary' || kind === 'links' || kind === 'logs');
  for (const { path } of others) rmSync(path, { recursive: true, force: true });
  for (const folder of new Set(items.map(({ path }) => dirname(path)))) removeIfEmpty(folder);
}

function removeIfEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
