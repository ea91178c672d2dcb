import { type Failure, failure } from '../domain/failure.ts';
import { withoutDemos } from '../domain/line.ts';
import type { RunLog } from '../runlog/open.ts';
import { allAliases, allVersions, type VersionRow } from '../runlog/registry.ts';
import { err, ok, type Result } from '../util/result.ts';

/** Means the newest version of a line, and so is nobody's alias. */
const NEWEST = 'latest';

/** What a person may call an alias: a word that cannot be taken for a version, and that any file system takes as a name. */
export const isAliasName = (name: string): boolean =>
  /^[a-z][a-z0-9_-]{0,62}$/.test(name) && !/^v\d+$/.test(name) && name !== NEWEST;

/** Finds a version as a person names it: `v3` or `3`, an alias, or `latest`; the line where several have one like it. */
export function findVersion(log: RunLog, what: string, line: string | undefined): Result<VersionRow, Failure> {
  const all = allVersions(log);
  const rows = all.filter((row) => line === undefined || row.line === line);
  if (rows.length === 0) return err(noRows(all, line));
  const found = matching(log, rows, what);
  const lines = withoutDemos([...new Set(found.map((row) => row.line))]);
  const [row] = found.filter((one) => one.line === lines[0]);
  if (row === undefined) return err(failure('REGISTRY_NO_VERSION', { what, line, known: known(log, rows, what) }));
  return lines.length === 1 ? ok(row) : err(failure('REGISTRY_WHICH_LINE', { what, lines }));
}

function matching(log: RunLog, rows: readonly VersionRow[], what: string): VersionRow[] {
  const number = /^v?([1-9]\d*)$/.exec(what)?.[1];
  if (number !== undefined) return rows.filter(({ version }) => version === Number(number));
  if (what === NEWEST) return rows.filter((row) => !rows.some((other) => isNewer(other, row)));
  const aliases = allAliases(log).filter(({ alias }) => alias === what);
  return rows.filter((row) => aliases.some(({ line, version }) => line === row.line && version === row.version));
}

const isNewer = (other: VersionRow, row: VersionRow): boolean => other.line === row.line && other.version > row.version;

/** Everything a person could have meant: versions, and names where it was one. */
function known(log: RunLog, rows: readonly VersionRow[], what: string): string[] {
  const versions = rows.map(({ line, version }) => `${line} v${version}`);
  if (/^v?\d+$/.test(what)) return versions;
  const lines = new Set(rows.map(({ line }) => line));
  const aliases = allAliases(log).filter(({ line }) => lines.has(line));
  return [...versions, ...aliases.map(({ line, alias, version }) => `${line} ${alias} (v${version})`)];
}

/** The one line with such an alias, or the one that is named. */
export function findLine(log: RunLog, alias: string, line: string | undefined): Result<string, Failure> {
  const pointing = allAliases(log).filter((row) => row.alias === alias && (line === undefined || row.line === line));
  const lines = withoutDemos(pointing.map((row) => row.line));
  const [first] = lines;
  if (first !== undefined && lines.length === 1) return ok(first);
  if (first !== undefined) return err(failure('REGISTRY_WHICH_LINE', { what: alias, lines }));
  const all = allVersions(log);
  const rows = all.filter((row) => line === undefined || row.line === line);
  if (rows.length === 0) return err(noRows(all, line));
  return err(failure('REGISTRY_NO_VERSION', { what: alias, line, known: known(log, rows, alias) }));
}

function noRows(all: readonly VersionRow[], line: string | undefined): Failure {
  const lines = [...new Set(all.map((row) => row.line))];
  return line === undefined || lines.length === 0
    ? failure('REGISTRY_EMPTY', {})
    : failure('REGISTRY_NO_LINE', { line, lines });
}
