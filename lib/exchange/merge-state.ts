import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ClassesOf } from '../registry/give-labels.ts';
import { mendLinks } from '../registry/mend.ts';
import { versionFaults } from '../registry/version-faults.ts';
import { publishVersion } from '../registry/version-folder.ts';
import { findForgettable, forgetPrediction, vanish } from '../runlog/forget.ts';
import { type Arrivals, arrivals, knownBefore } from '../runlog/merge/arrivals.ts';
import {
  forgottenThere,
  mergeCuts,
  mergeLiveRows,
  mergeOutcomes,
  mergePast,
  mergeUnmatched,
  waitingPredictions,
} from '../runlog/merge/live-rows.ts';
import { dropMaps, isContinuation, mapRuns, mapVersions } from '../runlog/merge/maps.ts';
import { mergeTables } from '../runlog/merge/tables.ts';
import type { RunLog } from '../runlog/open.ts';
import { registeredVersion, versionOrigin } from '../runlog/registry.ts';
import { fullFolderTold } from '../runlog/temporary-folder.ts';
import { joinUnmatched } from '../runlog/unmatched-labels.ts';
import type { Sha256 } from '../util/hash.ts';
import { DATABASE, type StateManifest } from './manifest.ts';
import { type AliasTaking, type AliasThere, takeAliases } from './take-aliases.ts';
import { layOutVersion, type StateTarget, takeLogs, takeObjects } from './take-files.ts';

export interface StateMerge extends AliasTaking {
  /** What this log is called elsewhere. */
  readonly own: string;
  readonly classesOf: ClassesOf;
}

/** What a merge brought; nothing the second time. */
export interface MergedState extends Arrivals {
  /** Whether the state is this log's own at a later time. */
  readonly continues: boolean;
  readonly predictions: number;
  readonly labels: number;
  /** Labels that had waited for their prediction. */
  readonly joined: number;
  /** Predictions that were forgotten there, and are now here. */
  readonly forgotten: number;
  readonly aliases: readonly AliasThere[];
}

/**
 * Joins an unpacked, checked state, its log of this program's schema, with a log that is there. What both know is there once, by
 * its global id; what only one knows stays or comes. All of it in one transaction: it is merged, or nothing has changed.
 */
export async function mergeState(
  log: RunLog,
  state: UnpackedState,
  target: StateTarget,
  merge: StateMerge,
): Promise<MergedState> {
  try {
    return await mergeUnpacked(log, state, target, merge);
  } catch (error) {
    throw fullFolderTold(error, log);
  }
}

interface UnpackedState {
  readonly folder: string;
  readonly manifest: StateManifest;
}

async function mergeUnpacked(
  log: RunLog,
  { folder, manifest }: UnpackedState,
  target: StateTarget,
  merge: StateMerge,
): Promise<MergedState> {
  const files = Object.keys(manifest.files);
  const objects = await takeObjects(folder, files, target);
  log.database.prepare('ATTACH ? AS source').run(join(folder, DATABASE));
  try {
    const merged = log.atomically(() => {
      log.database.pragma('defer_foreign_keys = ON');
      return mergeRows(log, { folder, theirs: manifest.name, objects }, target, merge);
    });
    if (merged.continues) takeLogs(folder, files, target);
    if (merged.forgotten > 0) vanish(log);
    mendLinks({ log, state: target.state });
    return merged;
  } finally {
    dropMaps(log);
    log.database.exec('DETACH source');
  }
}

interface Source {
  readonly folder: string;
  readonly theirs: string;
  readonly objects: readonly Sha256[];
}

function mergeRows(log: RunLog, source: Source, target: StateTarget, merge: StateMerge): MergedState {
  const { theirs, objects, folder } = source;
  const { own, at, classesOf } = merge;
  const continues = isContinuation(log, { theirs, own });
  mapRuns(log, continues);
  mapVersions(log);
  const arrived = arrivals(log, theirs);
  mergeTables(log, { theirs, continues, objects, at });
  const missing = knownBefore(log).filter((one) => isMissing(log, one, target));
  for (const one of [...arrived.versions.map(({ line, to }) => ({ line, version: to })), ...missing]) {
    bringVersion(log, { ...one, folder, objects }, target);
  }
  const live = mergeLiveRows(log);
  mergePast(log);
  mergeUnmatched(log);
  const joined = joinWaiting(log, classesOf);
  const forgotten = forget(log, at);
  mergeCuts(log, continues);
  mergeOutcomes(log);
  const aliases = takeAliases(log, { state: target.state, theirs, continues }, merge);
  return { continues, ...arrived, ...live, joined, forgotten, aliases };
}

interface Bringing {
  readonly line: string;
  /** Its number here. */
  readonly version: number;
  readonly folder: string;
  readonly objects: readonly Sha256[];
}

/** Whether the folder of a version that is on record is not there: an import was cut off before it came, or somebody took it away. */
function isMissing(
  log: RunLog,
  { line, version }: Pick<Bringing, 'line' | 'version'>,
  { state }: StateTarget,
): boolean {
  const row = registeredVersion(log, line, version);
  return row !== undefined && !existsSync(join(state, row.folder));
}

/** Lays out a version that came: from its folder, or from the store; one that was not whole there stays on record without. */
function bringVersion(log: RunLog, { line, version, folder, objects }: Bringing, { state, store }: StateTarget): void {
  const row = registeredVersion(log, line, version);
  const origin = versionOrigin(log, line, version);
  if (row === undefined || origin === undefined) throw new Error(`${line} v${version} has not come`);
  const source = join(folder, folderThere(log, line, version));
  if (versionFaults(source, row.hash).length === 0) layOutVersion(log, source, { state, row });
  else if (objects.includes(origin.hash)) {
    publishVersion(join(state, row.folder), { source: store.pathOf(origin.hash), line, version, ...origin });
  }
}

const folderThere = (log: RunLog, line: string, version: number): string =>
  log.database
    .prepare(`SELECT folder FROM source.model_version AS theirs JOIN version_map AS model
      ON model.line = theirs.line AND model.theirs = theirs.version WHERE model.line = ? AND model.ours = ?`)
    .pluck()
    .get(line, version) as string;

/** Gives predictions the labels that came before them, from wherever either came. */
function joinWaiting(log: RunLog, classesOf: ClassesOf): number {
  let joined = 0;
  for (const { id, line, version } of waitingPredictions(log))
    joined += joinUnmatched(log, [id], classesOf(line, version));
  return joined;
}

/** What somebody asked to be forgotten there is forgotten here, too. */
function forget(log: RunLog, at: number): number {
  let gone = 0;
  const remember = log.prepare('INSERT INTO forgotten (prediction, line, first_label, at) VALUES (?, ?, NULL, ?)');
  for (const { id, line, at: then } of forgottenThere(log)) {
    const known = findForgettable(log, id);
    if (known === undefined) remember.run(id, line, then);
    else {
      forgetPrediction(log, known, at);
      gone += 1;
    }
  }
  return gone;
}
