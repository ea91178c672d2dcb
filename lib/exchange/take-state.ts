import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../domain/failure.ts';
import { mendLinks } from '../registry/mend.ts';
import { openRunLog } from '../runlog/open.ts';
import { syncPath } from '../util/fs-atomic.ts';
import { ok, type Result } from '../util/result.ts';
import { DATABASE, type StateManifest } from './manifest.ts';
import { type StateTarget, takeLogs, takeObjects, takeVersions } from './take-files.ts';

export interface TakenState {
  readonly objects: number;
}

/**
 * Makes an unpacked, checked state the one of a folder without a log; the caller holds the run lock. The log comes first: an
 * object that is missing is made again, one that nobody knows of would be in the way.
 */
export async function adoptState(
  folder: string,
  manifest: StateManifest,
  target: StateTarget,
): Promise<Result<TakenState, Failure>> {
  const file = join(folder, DATABASE);
  // An older schema is brought up to date before it counts.
  const before = openRunLog(file);
  if (!before.ok) return before;
  before.value.close();
  syncPath(file);
  renameSync(file, join(target.state, DATABASE));
  syncPath(target.state);
  const opened = openRunLog(join(target.state, DATABASE));
  if (!opened.ok) return opened;
  const log = opened.value;
  try {
    const files = Object.keys(manifest.files);
    const objects = await takeObjects(folder, files, target);
    takeLogs(folder, files, target);
    takeVersions(log, folder, target);
    mendLinks({ log, state: target.state });
    return ok({ objects: objects.length });
  } finally {
    log.close();
  }
}
