import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { type Failure, failure } from '../domain/failure.ts';
import { formatDuration } from '../util/duration.ts';
import { temporaryBeside } from '../util/fs-atomic.ts';
import { makeFolders } from '../util/make-folders.ts';
import { err, ok, type Result } from '../util/result.ts';

/** The right to run in a state folder. The kernel takes it back when its holder dies, however it dies. */
export interface RunLock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** Only who holds the lock writes there, so that nobody is ever told the name of one who tried and was refused. */
const nameBeside = (file: string): string => `${file}.holder`;

/** Takes the lock, or says who holds it: pid 0 where its name is not yet known. `now` is in milliseconds since the epoch. */
export function takeLock(
  file: string,
  holder: { readonly pid: number; readonly now: number },
): Result<RunLock, Failure> {
  makeFolders(dirname(file));
  const name = nameBeside(file);
  let database = new Database(file, { timeout: 0 });
  try {
    try {
      database.exec('BEGIN IMMEDIATE');
    } catch (error) {
      if (codeOf(error) !== 'SQLITE_NOTADB') throw error;
      // Whatever wrote there: nothing of ours is ever in it. Emptied and not removed, so that all still lock one file.
      database.close();
      truncateSync(file);
      database = new Database(file, { timeout: 0 });
      database.exec('BEGIN IMMEDIATE');
    }
    writeName(name, { pid: holder.pid, since: holder.now });
  } catch (error) {
    database.close();
    if (codeOf(error) !== 'SQLITE_BUSY') throw error;
    const current = readName(name);
    return err(
      failure('LOCK_HELD', {
        pid: current?.pid ?? 0,
        // A clock that was set back would make it younger than nothing.
        age: formatDuration(Math.max(0, holder.now - (current?.since ?? holder.now))),
      }),
    );
  }
  return ok({
    release: () => {
      rmSync(name, { force: true });
      database.close();
    },
  });
}

const codeOf = (error: unknown): string | undefined => (error as { readonly code?: string }).code;

/** Whole or not at all, but not made durable: whom a power cut takes away holds nothing any more. */
function writeName(path: string, holder: Holder): void {
  const temporary = temporaryBeside(path);
  try {
    writeFileSync(temporary, JSON.stringify(holder));
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function readName(path: string): Holder | undefined {
  try {
    const { pid, since } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>;
    const isName = Number.isSafeInteger(pid) && Number(pid) > 0 && Number.isFinite(since);
    return isName ? { pid: Number(pid), since: Number(since) } : undefined;
  } catch {
    // The holder has only just come, or is about to go.
    return undefined;
  }
}
