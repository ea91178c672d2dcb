import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../util/hash.ts';
import type { VersionFile } from './version-folder.ts';

const DESCRIPTION = 'version.json';

/** What is wrong with a version's folder, by its own list of files; nothing when it is whole. */
export function versionFaults(folder: string): string[] {
  if (!existsSync(folder)) return ['it is gone'];
  if (!existsSync(join(folder, DESCRIPTION))) return [`it has no ${DESCRIPTION}`];
  let files: VersionFile['files'];
  try {
    ({ files } = JSON.parse(readFileSync(join(folder, DESCRIPTION), 'utf8')) as VersionFile);
  } catch {
    // Cut short or overwritten by hand.
    return [`its ${DESCRIPTION} cannot be read`];
  }
  const faults = Object.entries(files).flatMap(([name, hash]) => {
    const path = join(folder, name);
    if (!existsSync(path)) return [`${name} is gone`];
    return sha256(readFileSync(path)) === hash ? [] : [`${name} has other bytes`];
  });
  const extra = readdirSync(folder).filter((name) => name !== DESCRIPTION && !(name in files));
  return [...faults, ...extra.map((name) => `${name} does not belong to it`)];
}
