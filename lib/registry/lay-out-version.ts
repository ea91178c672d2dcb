import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Store } from '../cache/store.ts';
import type { RunLog } from '../runlog/open.ts';
import { type VersionRow, versionOrigin } from '../runlog/registry.ts';
import { versionFaults } from './version-faults.ts';
import { publishVersion } from './version-folder.ts';

export interface LayOutVersion {
  readonly log: RunLog;
  readonly store: Store;
  /** The state folder it comes from, and the one it is laid out in. */
  readonly from: string;
  readonly to: string;
}

/** Copies a version's folder, or makes it anew from the store; false where neither has it whole. */
export async function layOutVersion(
  { line, version, hash, folder }: VersionRow,
  { log, store, from, to }: LayOutVersion,
): Promise<boolean> {
  const [source, target] = [join(from, folder), join(to, folder)];
  if (existsSync(source) && versionFaults(source, hash).length === 0) {
    mkdirSync(dirname(target), { recursive: true });
    cpSync(source, target, { recursive: true });
    return true;
  }
  const origin = versionOrigin(log, line, version);
  if (origin === undefined || !(await store.isWhole(origin.hash))) return false;
  publishVersion(target, { source: store.pathOf(origin.hash), line, version, ...origin });
  return true;
}
