import { statSync } from 'node:fs';
import { join } from 'node:path';
import { sha256File } from '../util/hash.ts';
import { listFiles } from './content.ts';

/** A file in which two folders differ, by its path in them. */
export interface FileDifference {
  readonly path: string;
  /** `there` is the folder that was compared with. */
  readonly how: 'other bytes' | 'only there' | 'only here';
}

/** The files in which `here` differs from `there`, sorted; two single files are one without a name. */
export async function differencesOf(here: string, there: string): Promise<FileDifference[]> {
  if (statSync(here).isFile() || statSync(there).isFile()) {
    return (await areSame(here, there)) ? [] : [{ path: '', how: 'other bytes' }];
  }
  const [ours, theirs] = [new Set(listFiles(here)), new Set(listFiles(there))];
  const found: FileDifference[] = [];
  for (const path of [...new Set([...ours, ...theirs])].sort()) {
    if (!theirs.has(path)) found.push({ path, how: 'only here' });
    else if (!ours.has(path)) found.push({ path, how: 'only there' });
    else if (!(await areSame(join(here, path), join(there, path)))) found.push({ path, how: 'other bytes' });
  }
  return found;
}

async function areSame(here: string, there: string): Promise<boolean> {
  const [ours, theirs] = [statSync(here), statSync(there)];
  if (!ours.isFile() || !theirs.isFile() || ours.size !== theirs.size) return false;
  return (await sha256File(here)) === (await sha256File(there));
}
