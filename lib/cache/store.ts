import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { syncPath, temporaryBeside } from '../util/fs-atomic.ts';
import type { Sha256 } from '../util/hash.ts';
import { type Content, contentOf, listFiles } from './content.ts';

const READ_ONLY = 0o444;

/** Outs by the hash of their content, under one folder. An object never changes once it is in place. */
export interface Store {
  /** Where an object lies, whether or not it is there. */
  pathOf(hash: Sha256): string;
  has(hash: Sha256): boolean;
  /** Moves a finished file or folder in. The source must lie in the same file system; it is gone afterwards. */
  take(path: string): Promise<Content>;
  /** Reads an object again and says whether it still is what its name says. A damaged one is removed. */
  verify(hash: Sha256): Promise<boolean>;
}

export function openStore(folder: string): Store {
  const pathOf = (hash: Sha256): string => join(folder, hash.slice(0, 2), hash);
  const has = (hash: Sha256): boolean => existsSync(pathOf(hash));
  return {
    pathOf,
    has,
    take: async (path) => {
      const content = await contentOf(path);
      const target = pathOf(content.hash);
      if (has(content.hash) && (await contentOf(target)).hash === content.hash) {
        rmSync(path, { recursive: true, force: true });
        return content;
      }
      makeDurable(path);
      mkdirSync(dirname(target), { recursive: true });
      replace(path, target);
      syncPath(dirname(target));
      return content;
    },
    verify: async (hash) => {
      if (!has(hash)) return false;
      if ((await contentOf(pathOf(hash))).hash === hash) return true;
      discard(pathOf(hash));
      return false;
    },
  };
}

/** Bytes before names, files before folders: after a power cut the object is whole or not there. */
function makeDurable(path: string): void {
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
  renameSync(path, target);
}

function discard(path: string): void {
  const aside = temporaryBeside(path);
  renameSync(path, aside);
  rmSync(aside, { recursive: true, force: true });
}
