import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Failure, failure } from '../domain/failure.ts';
import { type Sha256, sha256 } from '../util/hash.ts';
import { err, ok, type Result } from '../util/result.ts';

/** A file's content, unpacked when it was gzipped, and the hash of the file as it lies on disk. */
export interface FileBytes {
  readonly bytes: Buffer;
  readonly sha256: Sha256;
}

const problemOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Reads a whole file as it is; fails when it is missing or empty. */
export function readFileBytes(file: string): Result<Buffer, Failure> {
  try {
    const raw = readFileSync(file);
    return raw.length === 0 ? err(failure('DATA_EMPTY_FILE', { file })) : ok(raw);
  } catch (error) {
    return err(failure('DATA_UNREADABLE', { file, problem: problemOf(error) }));
  }
}

/** Reads a whole file, gzipped (told by its first two bytes) or not; fails when it is missing, empty or cut off. */
export function readBytes(file: string): Result<FileBytes, Failure> {
  const read = readFileBytes(file);
  if (!read.ok) return read;
  const raw = read.value;
  const digest = sha256(raw);
  if (raw[0] !== 0x1f || raw[1] !== 0x8b) return ok({ bytes: raw, sha256: digest });
  try {
    return ok({ bytes: gunzipSync(raw), sha256: digest });
  } catch (error) {
    const isCut = error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR';
    const problem = isCut ? 'it ends in the middle, the end is missing' : problemOf(error);
    return err(failure('DATA_BAD_GZIP', { file, bytes: raw.length, problem }));
  }
}
