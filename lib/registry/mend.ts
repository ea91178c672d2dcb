import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../cache/store.ts';
import type { RunLog } from '../runlog/open.ts';
import { allAliases, allVersions, registeredVersion, type VersionRow, versionOrigin } from '../runlog/registry.ts';
import { sweepTemporaries } from '../util/fs-atomic.ts';
import { linkAlias, publishVersion, unlinkAlias } from './version-folder.ts';

/** What it takes to change the registry. No lock: every change is one short transaction. */
export interface Registry {
  readonly log: RunLog;
  /** The folder of runs.db and artifacts/. */
  readonly state: string;
  readonly store: Store;
}

/** Lays a version out again whose folder somebody took away, where the store still has its bytes. */
export async function layOutAgain({ log, state, store }: Registry, row: VersionRow): Promise<void> {
  const { line, version } = row;
  const folder = join(state, row.folder);
  const origin = existsSync(folder) ? undefined : versionOrigin(log, line, version);
  if (origin === undefined || !(await store.isWhole(origin.hash))) return;
  // Under the log's lock, so that nobody takes away what somebody else has just laid out.
  log.atomically(() => {
    if (existsSync(folder)) return;
    publishVersion(folder, { source: store.pathOf(origin.hash), line, version, ...origin });
  });
}

/** Makes folders and links say what the log says, and clears half-made ones away: a crash may have come in between. */
export async function mendAliases(registry: Registry): Promise<void> {
  const { log } = registry;
  for (const { line, version } of allAliases(log)) {
    const row = registeredVersion(log, line, version);
    if (row !== undefined) await layOutAgain(registry, row);
  }
  mendLinks(registry);
}

/**
 * Makes every alias' link say what the log says. Under the log's lock: of two who moved an alias, the link that is made last is
 * that of the last move; and whoever makes something in these folders holds the lock meanwhile.
 */
export function mendLinks({ log, state }: Pick<Registry, 'log' | 'state'>): void {
  const models = join(state, 'artifacts', 'models');
  log.atomically(() => {
    sweepTemporaries(models, 1);
    const aliases = allAliases(log);
    for (const { line, alias, version } of aliases) {
      if (existsSync(join(models, line, `v${version}`))) linkAlias(join(models, line), alias, version);
    }
    for (const line of new Set(allVersions(log).map((row) => row.line))) {
      const names = aliases.filter((one) => one.line === line).map(({ alias }) => alias);
      for (const link of versionLinks(join(models, line))) {
        if (!names.includes(link)) unlinkAlias(join(models, line), link);
      }
    }
  });
}

/** Links in a line's folder that point at a version beside them: nobody else makes such links. */
const versionLinks = (folder: string): string[] =>
  !existsSync(folder)
    ? []
    : readdirSync(folder).filter((name) => {
        const path = join(folder, name);
        return lstatSync(path).isSymbolicLink() && /^v\d+$/.test(readlinkSync(path));
      });
