import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Store } from '../cache/store.ts';
import { versionFaults } from '../registry/version-faults.ts';
import { publishVersion, readVersionFile } from '../registry/version-folder.ts';
import type { RunLog } from '../runlog/open.ts';
import { allVersions, type VersionRow, versionOrigin } from '../runlog/registry.ts';
import { isSha256, type Sha256 } from '../util/hash.ts';
import { objectPath } from './write-state.ts';

/** Where a state goes. */
export interface StateTarget {
  /** The folder of runs.db and artifacts/. */
  readonly state: string;
  readonly store: Store;
}

/** Objects among the files of a state, by their hash. */
export function objectsIn(files: readonly string[]): Sha256[] {
  const names = files.flatMap((path) => /^artifacts\/objects\/[0-9a-f]{2}\/([^/]+)/.exec(path)?.[1] ?? []);
  return [...new Set(names)].filter(isSha256);
}

/** Moves the objects of an unpacked state into the store; gives those whose bytes are what their name says, and no others. */
export async function takeObjects(folder: string, files: readonly string[], { store }: StateTarget): Promise<Sha256[]> {
  const taken: Sha256[] = [];
  for (const hash of objectsIn(files)) {
    const path = join(folder, objectPath(hash));
    if (!(await store.isWhole(hash)) && (await store.take(path)).hash !== hash) continue;
    taken.push(hash);
  }
  return taken;
}

/** Lays out the folder of every version that is not whole here and is whole there, under the log's lock. */
export function takeVersions(log: RunLog, folder: string, { state }: StateTarget): void {
  log.atomically(() => {
    for (const row of allVersions(log)) {
      if (versionFaults(join(state, row.folder), row.hash).length === 0) continue;
      const source = join(folder, row.folder);
      if (versionFaults(source, row.hash).length === 0) layOutVersion(log, source, { state, row });
    }
  });
}

/** Lays out a registered version from a whole folder of it that lies elsewhere. The caller holds the transaction. */
export function layOutVersion(
  log: RunLog,
  source: string,
  { state, row }: { readonly state: string; readonly row: VersionRow },
): void {
  const { line, version } = row;
  const origin = versionOrigin(log, line, version);
  if (origin === undefined) throw new Error(`${line} v${version} is laid out before it is registered`);
  const names = Object.keys(readVersionFile(source)?.files ?? {});
  publishVersion(join(state, row.folder), { source, names, line, version, ...origin });
}

/** Brings what stages printed to where the log says it lies; what is there stays. */
export function takeLogs(folder: string, files: readonly string[], { state }: StateTarget): void {
  for (const path of files.filter((file) => file.startsWith('artifacts/logs/'))) {
    const target = join(state, path);
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(folder, path), target);
  }
}
