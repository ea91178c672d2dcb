import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Failure, failure } from '../domain/failure.ts';
import { type RunLock, takeLock } from '../runner/lock.ts';
import type { StateFolder } from '../runner/state.ts';
import { writeFault } from '../runner/write-fault.ts';
import { isAlive } from '../util/process.ts';
import { err, type Result } from '../util/result.ts';
import type { Io } from './io.ts';

/** How often a holder is looked at again, in milliseconds. */
const POLL_MS = 200;

/** A holder that has only just come has not left its name yet: how often it is looked for, and how long in between. */
const LOOKS = 200;
const BETWEEN_LOOKS_MS = 10;

export interface LockOptions {
  readonly state: StateFolder;
  /** Whether to wait for whoever holds it. */
  readonly wait: boolean;
}

/** The run lock of a state folder; `waited` tells that things may have changed since the caller looked at them. */
export async function obtainLock(
  { state, wait }: LockOptions,
  io: Io,
): Promise<Result<RunLock & { readonly waited: boolean }, Failure>> {
  const orphaned = withoutLog(state);
  if (orphaned !== undefined) return err(orphaned);
  let waited = false;
  for (let looks = 1; ; looks++) {
    const lock = take(state, io);
    if (lock.ok) return { ok: true, value: { ...lock.value, waited } };
    if (lock.failure.code !== 'LOCK_HELD') return lock;
    const { pid, age } = (lock.failure as Failure<'LOCK_HELD'>).fields;
    if (!waited && looks < LOOKS && !(pid > 0 && isAlive(pid))) {
      await setTimeout(BETWEEN_LOOKS_MS);
      continue;
    }
    if (!wait) return lock;
    if (!waited) {
      io.stderr(`Waiting for the run of pid ${pid}, at work for ${age}.\n`);
    }
    waited = true;
    try {
      await setTimeout(POLL_MS, undefined, { signal: io.signal });
    } catch {
      // Ctrl-C: there is nothing to end yet.
      return err(failure('STAGE_INTERRUPTED', {}));
    }
  }
}

function take(state: StateFolder, io: Io): Result<RunLock, Failure> {
  try {
    return takeLock(state.lock, { pid: process.pid, now: io.clock.now() });
  } catch (error) {
    const isNoPlace = PLACELESS.includes(String((error as NodeJS.ErrnoException).code));
    const problem = (error as Error).message;
    return err(isNoPlace ? failure('STATE_WRITE', { folder: state.folder, problem }) : writeFault(error, state.folder));
  }
}

/** What the file system says where no folder can be: in the place of something else, among processes. */
const PLACELESS: readonly string[] = ['EEXIST', 'ENOENT'];

/** What runs have made without the log that knows of it: a run would begin anew and gates would know no champion. */
function withoutLog({ folder, database, artifacts, objects }: StateFolder): Failure | undefined {
  const isThere = existsSync(database);
  if (!existsSync(objects) || readdirSync(objects).length === 0) return undefined;
  // A first run that was killed may leave an empty one; of later runs something would be in it.
  if (isThere && !(isEmpty(database) && isEmpty(`${database}-wal`) && hasLaterRuns(artifacts))) return undefined;
  const models = join(artifacts, 'models');
  const lines = existsSync(models) ? readdirSync(models, { withFileTypes: true }) : [];
  // File managers leave files of their own between the folders.
  const versions = lines
    .filter((line) => line.isDirectory())
    .flatMap(({ name }) => readdirSync(join(models, name)).filter((version) => /^v\d+$/.test(version)));
  return failure('STATE_NO_LOG', { folder: join(folder, 'artifacts'), versions: versions.length, isEmpty: isThere });
}

const isEmpty = (file: string): boolean => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0;

const hasLaterRuns = (artifacts: string): boolean =>
  ['runs', 'logs'].some((name) => {
    const folder = join(artifacts, name);
    return existsSync(folder) && readdirSync(folder).some((run) => Number(run) > 1);
  });
