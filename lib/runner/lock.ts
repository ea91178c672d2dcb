import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { type Failure, failure } from '../domain/failure.ts';
import { formatDuration } from '../util/duration.ts';
import { err, ok, type Result } from '../util/result.ts';

/** The right to run in a state folder. The kernel takes it back when its holder dies, however it dies. */
export interface RunLock {
  release(): void;
}

/** Asked to make what is above a folder, too, Node says 'no such file' where the truth is 'read-only file system'. */
function makeFolder(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  if (!existsSync(folder)) mkdirSync(folder);
}

interface Holder {
  readonly pid: number;
  readonly since: number;
}

/** Takes the lock, or says who holds it. `now` is in milliseconds since the epoch. */
export function takeLock(
  file: string,
  holder: { readonly pid: number; readonly now: number },
): Result<RunLock, Failure> {
  makeFolder(dirname(file));
  const isNew = !existsSync(file);
  const database = new Database(file, { timeout: 0 });
  // A name that a power cut takes away is of nobody any more; only the very first writing has to be whole.
  if (!isNew) database.pragma('synchronous = OFF');
  try {
    // One transaction leaves the holder's name where others can read it, the next one is held for as long as the run.
    database.exec('BEGIN IMMEDIATE');
    database.exec(
      'CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL, since INTEGER NOT NULL); DELETE FROM holder',
    );
    database.prepare('INSERT INTO holder (pid, since) VALUES (?, ?)').run(holder.pid, holder.now);
    database.exec('COMMIT; BEGIN IMMEDIATE');
  } catch (error) {
    if ((error as { readonly code?: string }).code !== 'SQLITE_BUSY') throw error;
    const current = readHolder(database);
    database.close();
    return err(
      failure('LOCK_HELD', {
        pid: current?.pid ?? 0,
        // A clock that was set back would make it younger than nothing.
        age: formatDuration(Math.max(0, holder.now - (current?.since ?? holder.now))),
      }),
    );
  }
  return ok({ release: () => database.close() });
}

function readHolder(database: Database.Database): Holder | undefined {
  try {
    return database.prepare('SELECT pid, since FROM holder').get() as Holder | undefined;
  } catch {
    // The very first holder may not have written its name yet.
    return undefined;
  }
}
