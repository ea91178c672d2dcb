import { join } from 'node:path';
import { lastEntry } from '../runlog/ledger.ts';
import type { RunLog } from '../runlog/open.ts';
import { allAliases, allVersions } from '../runlog/registry.ts';

/** A registered version as somebody who loads it needs it. */
export interface VersionPlace {
  readonly line: string;
  readonly version: number;
  /** Content hash of its files. */
  readonly hash: string;
  /** Absolute path; its files are listed in version.json. */
  readonly folder: string;
  /** Names that point at it now, sorted. */
  readonly aliases: readonly string[];
}

export interface RegistryReader {
  /** A number that changes whenever a version was added or an alias moved: one look at an index, to be asked often. */
  mark(): number;
  /** Every registered version at one moment, sorted by line and number. */
  versions(): readonly VersionPlace[];
}

/** Reads the registry for whoever follows it; `state` is the folder of runs.db. The log decides, not the links. */
export function createRegistryReader(log: RunLog, state: string): RegistryReader {
  return {
    mark: () => lastEntry(log),
    versions: () =>
      log.reading(() => {
        const aliases = allAliases(log);
        return allVersions(log).map(({ line, version, hash, folder }) => ({
          line,
          version,
          hash,
          folder: join(state, folder),
          aliases: aliases.filter((one) => one.line === line && one.version === version).map(({ alias }) => alias),
        }));
      }),
  };
}
