import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RunLog } from './open.ts';

/** What SQLite could not put into its temporary folder. Nothing is wrong with the log. */
export class TemporaryFolderFull extends Error {}

/** Where SQLite puts temporary tables, and what it sorts, when they do not fit into memory: the first of these it may write to. */
export function temporaryFolder(env: Readonly<Record<string, string | undefined>>): string {
  const places = [env['SQLITE_TMPDIR'], env['TMPDIR'], '/var/tmp', '/usr/tmp', '/tmp', '.'];
  return places.find((place) => place !== undefined && isWritableFolder(place)) ?? '.';
}

function isWritableFolder(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Bytes that a disk which SQLite found full is far from having. */
const ROOM_BYTES = 1024 * 1024;

/**
 * What SQLite threw, told apart: it does not say which disk is full. That of the log is as full as it was then for as long as the log is
 * open, because nothing is taken off the write-ahead log; temporary files are gone by now.
 */
export function fullFolderTold(error: unknown, { file }: RunLog): unknown {
  if ((error as { readonly code?: unknown } | null)?.code !== 'SQLITE_FULL') return error;
  const folder = dirname(file);
  if (statSync(folder).dev === statSync(temporaryFolder(process.env)).dev) return error;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize > ROOM_BYTES ? new TemporaryFolderFull('no room is left', { cause: error }) : error;
}
