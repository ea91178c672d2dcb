import { lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Sha256, sha256, sha256File } from '../util/hash.ts';
import { canonicalJson } from '../util/json.ts';
import { isSettled, signatureOf } from '../util/stat-signature.ts';
import { type Memo, noMemo } from './memo.ts';

/** What a file or folder holds, by content alone: not by its name, its times or its modes. */
export interface Content {
  readonly hash: Sha256;
  readonly sizeBytes: number;
  readonly files: number;
  /** What the file system says of it: another one whenever it was written to, also when the bytes are the same again. */
  readonly stamp: string;
}

/**
 * A file's hash is that of its bytes; a folder's that of the sorted list of its files. Links are followed. A file is not read
 * again while the file system says it is the same.
 */
export async function contentOf(path: string, memo: Memo = noMemo): Promise<Content> {
  const stats = statSync(path);
  if (stats.isFile()) {
    const { hash, stamp } = await hashFile(path, memo);
    return { hash, sizeBytes: stats.size, files: 1, stamp };
  }
  const stamps: string[] = [];
  const listing: { readonly path: string; readonly sha256: string; readonly sizeBytes: number }[] = [];
  for (const relative of listFiles(path)) {
    const file = join(path, relative);
    const { hash, stamp } = await hashFile(file, memo);
    listing.push({ path: relative, sha256: hash, sizeBytes: statSync(file).size });
    stamps.push(stamp);
  }
  return {
    hash: folderHash(listing),
    sizeBytes: listing.reduce((sum, entry) => sum + entry.sizeBytes, 0),
    files: listing.length,
    stamp: sha256(stamps.join('\n')),
  };
}

/** Hash of a folder by its files, sorted by path. */
export const folderHash = (
  listing: readonly { readonly path: string; readonly sha256: string; readonly sizeBytes: number }[],
): Sha256 => sha256(`folder\n${canonicalJson(listing.map((file) => ({ ...file })))}`);

type Remembered = readonly [signature: string, hash: string];

async function hashFile(file: string, memo: Memo): Promise<{ readonly hash: Sha256; readonly stamp: string }> {
  const before = signatureOf(file);
  const stamp = before?.text ?? '';
  const known = memo.get<Remembered>('file', file);
  if (known !== undefined && known[0] === before?.text) return { hash: known[1] as Sha256, stamp };
  const hash = await sha256File(file);
  const after = signatureOf(file);
  // What changed while it was read, or may change again unseen, is not known.
  if (after !== undefined && after.text === before?.text && isSettled(after, Date.now())) {
    memo.set('file', file, [after.text, hash] satisfies Remembered);
  }
  return { hash, stamp };
}

/** Every file below a folder, by its path relative to it with '/', sorted by code unit. */
export function listFiles(folder: string, prefix = ''): string[] {
  return readdirSync(join(folder, prefix))
    .flatMap((name) => {
      const relative = prefix === '' ? name : `${prefix}/${name}`;
      return statSync(join(folder, relative)).isDirectory() ? listFiles(folder, relative) : [relative];
    })
    .sort((a, b) => (a < b ? -1 : 1));
}

/** Whether something is there at all, a dangling link included. */
export function isPresent(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
