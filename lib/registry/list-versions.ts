import { join } from 'node:path';
import type { LineageRow, ListedVersion, ModelVersion, VersionDetails } from '../domain/model-version.ts';
import type { ImportedFrom } from '../domain/version-facts.ts';
import { aliasEntries, versionEntries } from '../runlog/ledger.ts';
import type { RunLog } from '../runlog/open.ts';
import { readLineage, readVersions } from '../runlog/read-versions.ts';
import { CHAMPION } from './answers.ts';
import { standingOf } from './ledger-rules.ts';
import { versionFaults } from './version-faults.ts';

/** Every version with what its ledger makes of it, sorted by line and number. */
export function listVersions(log: RunLog): ListedVersion[] {
  const versions = readVersions(log);
  const withdrawn = new Map(
    [...new Set(versions.map(({ line }) => line))].map((line) => [
      line,
      standingOf(aliasEntries(log, line, CHAMPION)).withdrawn,
    ]),
  );
  return versions.map((one) => ({ ...one, rolledBack: withdrawn.get(one.line)?.get(one.version) ?? null }));
}

/** All there is to know of one version; its folder is read. `state` is the folder of runs.db. */
export function describeVersion(
  log: RunLog,
  state: string,
  { line, version }: Pick<ModelVersion, 'line' | 'version'>,
): VersionDetails {
  const listed = listVersions(log).find((one) => one.line === line && one.version === version);
  if (listed === undefined) throw new Error(`${line} v${version} is not in ${log.file}`);
  return {
    ...listed,
    faults: versionFaults(join(state, listed.folder), listed.hash),
    lineage: listed.imported === null ? readLineage(log, line, version) : foreignLineage(listed.imported),
    history: versionEntries(log, line, version),
  };
}

/** What an imported version came with: runs are numbered as they are in the log it comes from. */
const foreignLineage = ({ facts }: ImportedFrom): LineageRow[] =>
  facts.lineage.map((row) => ({ ...row, run: facts.made.run, label: null }));
