import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { faultPoint } from './fault.ts';
import { isAlive } from './process.ts';

/** A name beside the target, in the same file system, so that a rename publishes it in one step. */
export const temporaryBeside = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`);

/** The process that made such a name; undefined for any other name. */
export function makerOfTemporary(name: string): number | undefined {
  const pid = /^\..+\.(\d+)-[0-9a-f]{8}\.tmp$/.exec(name)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

/** Removes what processes that are gone left half-made in a folder and, to some depth, in the folders below it. */
export function sweepTemporaries(folder: string, depth: number): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const pid = makerOfTemporary(entry.name);
    if (pid !== undefined) {
      if (!isAlive(pid)) rmSync(path, { recursive: true, force: true });
    } else if (depth > 0 && entry.isDirectory()) sweepTemporaries(path, depth - 1);
  }
}

/** Makes a finished file or folder durable: without this a rename may survive a power cut and the bytes not. */
export function syncPath(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Whether what lies there takes bytes and keeps none, as a device or a pipe: it must not be replaced by a file. */
export function isPipe(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}

/** What a path comes to when links are followed; itself, where nothing is there. */
export const throughLinks = (path: string): string => (existsSync(path) ? realpathSync(path) : path);

/**
 * Readers see the old file or the whole new one, never a part. Where a link lies, it is what the link points at that is written;
 * a device or a pipe is written into, and not replaced. Throws what the file system throws.
 */
export function writeFileAtomic(named: string, data: string | Uint8Array): void {
  if (isPipe(named)) {
    writeFileSync(named, data);
    return;
  }
  const path = throughLinks(named);
  mkdirSync(dirname(path), { recursive: true });
  const temporary = temporaryBeside(path);
  try {
    writeFileSync(temporary, data);
    faultPoint('atomic.written');
    syncPath(temporary);
    faultPoint('atomic.before-rename');
    renameSync(temporary, path);
    faultPoint('atomic.after-rename');
    syncPath(dirname(path));
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary);
    throw error;
  }
}
