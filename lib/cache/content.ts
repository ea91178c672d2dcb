import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Sha256, sha256, sha256File } from '../util/hash.ts';
import { canonicalJson } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
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

/** A place that cannot be read, and what is in the way: nothing of ours. */
export interface UnreadablePath {
  readonly path: string;
  /** 'it is a link to nothing' */
  readonly why: string;
}

class Unreadable extends Error {
  readonly place: UnreadablePath;
  constructor(path: string, why: string) {
    super(`${path}: ${why}`);
    this.place = { path, why };
  }
}

/** The content of what others put there, which may be anything: links to nothing, pipes, names that are no text. */
export async function readContent(path: string, memo: Memo): Promise<Result<Content, UnreadablePath>> {
  try {
    return ok(await contentOf(path, memo));
  } catch (error) {
    if (error instanceof Unreadable) return err(error.place);
    const { code, syscall, path: at = path, message } = error as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw error;
    // What Node could not read as UTF-8 it has replaced, and so it finds nothing of that name.
    const isNoText = code === 'ENOENT' && at.includes('\ufffd');
    return err({ path: at, why: isNoText ? 'its name is not UTF-8' : message });
  }
}

/** Whether this very content lies there; what cannot be read whole is another one. */
export async function holdsContent(path: string, hash: string, memo: Memo = noMemo): Promise<boolean> {
  const content = await readContent(path, memo);
  return content.ok && content.value.hash === hash;
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
    stamp: stampOfFolder(stamps),
  };
}

const stampOfFile = (file: string): string => signatureOf(file)?.text ?? '';

const stampOfFolder = (stamps: readonly string[]): string => sha256(stamps.join('\n'));

/** The stamp that `contentOf` gives, without a byte read. */
export function stampOf(path: string): string {
  if (statSync(path).isFile()) return stampOfFile(path);
  return stampOfFolder(listFiles(path).map((relative) => stampOfFile(join(path, relative))));
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
export function listFiles(folder: string): string[] {
  if (!statSync(folder).isDirectory()) throw new Unreadable(folder, NEITHER);
  const found: string[] = [];
  gather(folder, { prefix: '', entered: [realpathSync(folder)], found });
  return found.sort((a, b) => (a < b ? -1 : 1));
}

const NEITHER = 'it is neither a file nor a folder';

interface Gathering {
  readonly prefix: string;
  /** Real paths of the folder, and of those that links on the way led into. */
  readonly entered: readonly string[];
  readonly found: string[];
}

function gather(folder: string, { prefix, entered, found }: Gathering): void {
  for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
    const relative = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    const path = join(folder, relative);
    const isLink = entry.isSymbolicLink();
    const there = isLink ? statSync(path, { throwIfNoEntry: false }) : entry;
    if (there === undefined) throw new Unreadable(path, 'it is a link to nothing');
    if (there.isFile()) found.push(relative);
    else if (!there.isDirectory()) throw new Unreadable(path, NEITHER);
    else {
      const target = isLink ? [realpathSync(path)] : [];
      if (target.some((real) => entered.includes(real)))
        throw new Unreadable(path, 'it is a link to a folder that it lies in');
      gather(folder, { prefix: relative, entered: [...entered, ...target], found });
    }
  }
}

/** Whether something is there at all, a dangling link included. */
export function isPresent(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
