import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderHash } from '../cache/content.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { sha256 } from '../util/hash.ts';
import { err, type Result } from '../util/result.ts';
import { CHECKSUMS, parseChecksums } from './checksums.ts';
import { type ExportFile, parseExportFile } from './export-file.ts';
import { parseReference } from './reference-file.ts';
import { VERSION_FILE } from './version-folder.ts';
import { CARD, REFERENCE, TRANSFORM } from './write-export.ts';

/** Reads an exported version and checks every byte of its folder against its sums. `shown` is how people are told of it. */
export function readExport(folder: string, shown: string): Result<ExportFile, Failure> {
  const foreign = (problem: string): Result<never, Failure> =>
    err(failure('IMPORT_FOREIGN', { folder: shown, problem }));
  if (!existsSync(folder)) return foreign('there is no such folder');
  if (!lstatSync(folder).isDirectory()) return foreign('it is no folder');
  if (!existsSync(join(folder, CHECKSUMS))) return foreign(`it has no ${CHECKSUMS}`);
  const sums = parseChecksums(readFileSync(join(folder, CHECKSUMS), 'utf8'));
  if (sums === undefined) return foreign(`its ${CHECKSUMS} is no list of sums as they are exported`);
  const faults = faultsOf(folder, sums);
  if (faults.length > 0) return err(failure('IMPORT_FAULTS', { folder: shown, faults }));
  if (!(VERSION_FILE in sums)) return foreign(`it has no ${VERSION_FILE}`);
  const file = parseExportFile(readFileSync(join(folder, VERSION_FILE), 'utf8'));
  if (!file.ok) return foreign(file.failure);
  const problem = contradiction(folder, file.value, sums) ?? referenceProblem(folder, sums);
  return problem === undefined ? file : foreign(problem);
}

type Sums = Readonly<Record<string, string>>;

/** Every file that is not what the sums say, is missing, or is one too many. */
function faultsOf(folder: string, sums: Sums): string[] {
  const names = readdirSync(folder);
  const faults = Object.entries(sums).flatMap(([name, sum]) => {
    const stats = lstatSync(join(folder, name), { throwIfNoEntry: false });
    if (stats === undefined) return [`${name} is missing`];
    if (!stats.isFile()) return [`${name} is no file`];
    return sha256(readFileSync(join(folder, name))) === sum ? [] : [`${name} has other bytes`];
  });
  const extra = names.filter((name) => name !== CHECKSUMS && !Object.hasOwn(sums, name));
  return [...faults, ...extra.map((name) => `${name} does not belong to it`)];
}

/** Why its reference cannot be compared with; undefined where it can, or there is none. */
function referenceProblem(folder: string, sums: Sums): string | undefined {
  if (!(REFERENCE in sums)) return undefined;
  const read = parseReference(readFileSync(join(folder, REFERENCE), 'utf8'));
  return read.ok ? undefined : `its ${REFERENCE} is not valid: ${read.failure}`;
}

/** Where version.json says otherwise than the sums; both may have been written anew together. */
function contradiction(folder: string, { files, hash }: ExportFile, sums: Sums): string | undefined {
  const own = [VERSION_FILE, CARD, TRANSFORM, ...(REFERENCE in sums ? [REFERENCE] : [])];
  const expected = [...Object.keys(files), ...own].sort();
  if (Object.keys(sums).sort().join() !== expected.join()) {
    return `its ${CHECKSUMS} and ${VERSION_FILE} name other files`;
  }
  const other = Object.keys(files).find((name) => own.includes(name) || files[name] !== sums[name]);
  if (other !== undefined) return `its ${VERSION_FILE} and ${CHECKSUMS} tell other sums of ${other}`;
  const listing = Object.keys(files)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((path) => ({ path, sha256: sums[path] ?? '', sizeBytes: lstatSync(join(folder, path)).size }));
  return folderHash(listing) === hash ? undefined : `its files do not have the hash that its ${VERSION_FILE} tells`;
}
