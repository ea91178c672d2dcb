import { type Check, fine, warn } from '../../domain/check.ts';
import type { LogSize } from '../../runlog/inspect.ts';
import { formatBytes } from '../../util/format-bytes.ts';

/** Room in the log that is worth giving back, in bytes, and what share of the file it has to be. */
const MUCH = 1e8;
const LARGE_SHARE = 0.5;

export interface SeenLog extends LogSize {
  /** The file, as people are told of it. */
  readonly file: string;
  /** Bytes of the write-ahead log beside it. */
  readonly walBytes: number;
}

/** The log's size: what was deleted leaves room in the file, which takes in what comes and shrinks by VACUUM alone. */
export function judgeLogSize({ file, bytes, freeBytes, walBytes }: SeenLog): Check {
  const free = freeBytes === 0 ? 'none of it free' : `${formatBytes(freeBytes)} of it free for what comes`;
  const wal = walBytes === 0 ? '' : `; ${formatBytes(walBytes)} in ${file}-wal`;
  const text = `${formatBytes(bytes)}, ${free}${wal}`;
  if (freeBytes < MUCH || freeBytes < bytes * LARGE_SHARE) return fine('log', text);
  const next = `sqlite3 ${file} VACUUM gives it back to the disk, and needs as much as is left meanwhile. Nobody can write to the log in that time.`;
  return warn('log', text, next);
}
