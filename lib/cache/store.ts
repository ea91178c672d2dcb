import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { faultPoint } from '../util/fault.ts';
import { syncPath, temporaryBeside } from '../util/fs-atomic.ts';
import { type Sha256, sha256 } from '../util/hash.ts';
import { type Content, contentOf, holdsContent, listFiles } from './content.ts';
import { type Memo, noMemo } from './memo.ts';

const READ_ONLY = 0o444;

/** Outs and code by the hash of their content, under one folder. An object never changes once it is in place. */
export interface Store {
  /** Where an object lies, whether or not it is there. */
  pathOf(hash: Sha256): string;
  has(hash: Sha256): boolean;
  /** Moves a finished file or folder in. The source must lie in the same file system; it is gone afterwards. */
  take(path: string): Promise<Content>;
  /** Puts a text in as a file. */
  put(text: string): Sha256;
  /** Whether an object is there and still is what its name says; it is read again where it may have changed. */
  isWhole(hash: Sha256): Promise<boolean>;
  /** Frees an object; one that is not there is fine. */
  remove(hash: Sha256): void;
}

export function openStore(folder: string, memo: Memo = noMemo): Store {
  const pathOf = (hash: Sha256): string => join(folder, hash.slice(0, 2), hash);
  const has = (hash: Sha256): boolean => existsSync(pathOf(hash));
  return {
    pathOf,
    has,
    take: async (path) => {
      const content = await contentOf(path);
      faultPoint('store.hashed');
      const target = pathOf(content.hash);
      if (has(content.hash) && (await holdsContent(target, content.hash, memo))) {
        rmSync(path, { recursive: true, force: true });
        return content;
      }
      makeDurable(path);
      mkdirSync(dirname(target), { recursive: true });
      replace(path, target);
      syncPath(dirname(target));
      return content;
    },
    put: (text) => {
      const hash = sha256(text);
      const target = pathOf(hash);
      // One that is damaged is put back: nobody else has this very code once its sources have changed.
      if (has(hash) && statSync(target).isFile() && sha256(readFileSync(target)) === hash) return hash;
      mkdirSync(dirname(target), { recursive: true });
      const temporary = temporaryBeside(target);
      try {
        writeFileSync(temporary, text);
        makeDurable(temporary);
        replace(temporary, target);
      } catch (error) {
        rmSync(temporary, { force: true });
        throw error;
      }
      syncPath(dirname(target));
      return hash;
    },
    isWhole: async (hash) => has(hash) && holdsContent(pathOf(hash), hash, memo),
    remove: (hash) => {
      if (has(hash)) discard(pathOf(hash));
    },
  };
}

/** Bytes before names, files before folders: after a power cut the object is whole or not there. */
function makeDurable(path: string): void {
  faultPoint('store.before-sync');
  if (statSync(path).isFile()) {
    chmodSync(path, READ_ONLY);
    syncPath(path);
    return;
  }
  for (const file of listFiles(path)) {
    chmodSync(join(path, file), READ_ONLY);
    syncPath(join(path, file));
  }
  for (const folder of foldersUnder(path)) syncPath(folder);
}

/** A folder and every folder below it, the deepest first. */
function foldersUnder(path: string): string[] {
  const below = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...below.flatMap((entry) => foldersUnder(join(path, entry.name))), path];
}

/** A damaged object of the same name is put aside first: a folder cannot be renamed over a full one. */
function replace(path: string, target: string): void {
  if (existsSync(target)) discard(target);
  faultPoint('store.before-rename');
  renameSync(path, target);
  faultPoint('store.after-rename');
}

/** Out of the way in one step, then gone: a crash in between leaves no half object under the name. */
function discard(path: string): void {
  const aside = temporaryBeside(path);
  renameSync(path, aside);
  rmSync(aside, { recursive: true, force: true });
}
