import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../domain/failure.ts';
import type { ClassesOf } from '../registry/give-labels.ts';
import { mendLinks } from '../registry/mend.ts';
import { openRunLog, type RunLog } from '../runlog/open.ts';
import { ownName, setOwnName } from '../runlog/run-name.ts';
import { syncPath } from '../util/fs-atomic.ts';
import { ok, type Result } from '../util/result.ts';
import { DATABASE, type StateManifest } from './manifest.ts';
import { type MergedState, mergeState } from './merge-state.ts';
import type { AliasTaking } from './take-aliases.ts';
import { type StateTarget, takeLogs, takeObjects, takeVersions } from './take-files.ts';

/** A state that lies unpacked in a folder, and was checked. */
export interface CheckedState {
  readonly folder: string;
  readonly manifest: StateManifest;
}

export interface Taking extends AliasTaking {
  /** What this log is to be called; undefined where nobody said. */
  readonly name: string | undefined;
  /** What a log is called that has no name yet. */
  readonly defaultName: string;
  readonly classesOf: (log: RunLog) => ClassesOf;
}

/** `adopted`: there was no log here, and now there is that one. `merged`: the one that came was joined with the one here. */
export type TakenState =
  | { readonly kind: 'adopted' }
  | ({ readonly kind: 'merged'; readonly name: string } & MergedState);

/** Takes a state over; the caller holds the run lock. */
export async function takeState(
  { folder, manifest }: CheckedState,
  target: StateTarget,
  taking: Taking,
): Promise<Result<TakenState, Failure>> {
  const file = join(folder, DATABASE);
  // An older schema is brought up to date before it counts.
  const before = openRunLog(file);
  if (!before.ok) return before;
  before.value.close();
  const place = join(target.state, DATABASE);
  // A log of another name does not go on: its runs were made elsewhere.
  const adopts = !existsSync(place) && (taking.name ?? manifest.name) === manifest.name;
  if (adopts) {
    // The log comes first: an object that is missing is made again, one that no log knows of would be in the way.
    syncPath(file);
    renameSync(file, place);
    syncPath(target.state);
  }
  const opened = openRunLog(place);
  if (!opened.ok) return opened;
  const log = opened.value;
  try {
    if (adopts) {
      await bringFiles(log, { folder, manifest }, target);
      return ok({ kind: 'adopted' });
    }
    const own = taking.name ?? ownName(log) ?? taking.defaultName;
    setOwnName(log, own);
    const merging = { ...taking, own, classesOf: taking.classesOf(log) };
    return ok({ kind: 'merged', name: own, ...(await mergeState(log, { folder, manifest }, target, merging)) });
  } finally {
    log.close();
  }
}

async function bringFiles(log: RunLog, { folder, manifest }: CheckedState, target: StateTarget): Promise<void> {
  const files = Object.keys(manifest.files);
  await takeObjects(folder, files, target);
  takeLogs(folder, files, target);
  takeVersions(log, folder, target);
  mendLinks({ log, state: target.state });
}
