import { lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Sha256, sha256, sha256File } from '../util/hash.ts';
import { canonicalJson } from '../util/json.ts';

/** What a file or folder holds, by content alone: not by its name, its times or its modes. */
export interface Content {
  readonly hash: Sha256;
  readonly sizeBytes: number;
  readonly files: number;
}

/** A file's hash is that of its bytes; a folder's that of the sorted list of its files. Links are followed. */
export async function contentOf(path: string): Promise<Content> {
  const stats = statSync(path);
  if (stats.isFile()) return { hash: await sha256File(path), sizeBytes: stats.size, files: 1 };
  const listing: { readonly path: string; readonly sha256: string; readonly sizeBytes: number }[] = [];
  for (const relative of listFiles(path)) {
    const file = join(path, relative);
    listing.push({ path: relative, sha256: await sha256File(file), sizeBytes: statSync(file).size });
  }
  return {
    hash: sha256(`folder\n${canonicalJson(listing)}`),
    sizeBytes: listing.reduce((sum, entry) => sum + entry.sizeBytes, 0),
    files: listing.length,
  };
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
