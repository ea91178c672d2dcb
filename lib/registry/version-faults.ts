import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { folderHash } from '../cache/content.ts';
import { sha256 } from '../util/hash.ts';
import { readVersionFile, VERSION_FILE } from './version-folder.ts';

/** What is wrong with a version's folder, by its own list of files and by the hash it was registered with; nothing when it is whole. */
export function versionFaults(folder: string, registered: string): string[] {
  if (!existsSync(folder)) return ['it is gone'];
  if (!existsSync(join(folder, VERSION_FILE))) return [`it has no ${VERSION_FILE}`];
  const files = readVersionFile(folder)?.files;
  if (files === undefined) return [`its ${VERSION_FILE} cannot be read`];
  // A name that leads out of the folder would be followed by whoever copies it.
  const away = Object.keys(files).find((name) => name !== basename(name) || name === '..');
  if (away !== undefined) return [`${away} lies elsewhere`];
  const listing: { path: string; sha256: string; sizeBytes: number }[] = [];
  const faults = Object.entries(files).flatMap(([path, hash]) => {
    const file = join(folder, path);
    if (!existsSync(file)) return [`${path} is gone`];
    const bytes = readFileSync(file);
    listing.push({ path, sha256: sha256(bytes), sizeBytes: bytes.length });
    return listing.at(-1)?.sha256 === hash ? [] : [`${path} has other bytes`];
  });
  const extra = readdirSync(folder).filter((name) => name !== VERSION_FILE && !Object.hasOwn(files, name));
  const found = [...faults, ...extra.map((name) => `${name} does not belong to it`)];
  if (found.length > 0) return found;
  // Somebody may have changed a file and the list alike.
  const isRegistered = folderHash(listing.sort((a, b) => (a.path < b.path ? -1 : 1))) === registered;
  return isRegistered ? [] : ['its files are not those that were registered'];
}
