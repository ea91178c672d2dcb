import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { faultPoint } from '../util/fault.ts';
import { syncPath, temporaryBeside } from '../util/fs-atomic.ts';
import { sha256 } from '../util/hash.ts';
import type { JsonObject } from '../util/json.ts';

/** What version.json beside a model's files says of them. */
export interface VersionFile {
  readonly format: 'mlloop-version';
  readonly line: string;
  readonly version: number;
  /** The run that made it; null for one that was imported. */
  readonly run: number | null;
  /** Content hash of the model's files, as in the store. */
  readonly hash: string;
  readonly files: Readonly<Record<string, string>>;
  readonly metrics: JsonObject;
}

export interface Publication {
  /** The folder the model's files are in: an object of the store, or an export. */
  readonly source: string;
  /** Which of them are the model; all, when it is left out. */
  readonly names?: readonly string[];
  readonly line: string;
  readonly version: number;
  readonly run: number | null;
  readonly hash: string;
  readonly metrics: JsonObject;
}

export const VERSION_FILE = 'version.json';

const READ_ONLY = 0o444;

/** What a version's folder says of itself; undefined where it was cut short, or overwritten by something else. */
export function readVersionFile(folder: string): VersionFile | undefined {
  try {
    const read = JSON.parse(readFileSync(join(folder, VERSION_FILE), 'utf8')) as Partial<VersionFile> | null;
    return read?.format === 'mlloop-version' && typeof read.files === 'object' ? (read as VersionFile) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Lays out a version's folder: a copy of the model with version.json, checked and then renamed into place, so that
 * nobody ever sees half a version. What a crash left under the same number was never on record and is replaced.
 */
export function publishVersion(folder: string, publication: Publication): void {
  mkdirSync(dirname(folder), { recursive: true });
  const temporary = temporaryBeside(folder);
  try {
    layOut(temporary, publication);
    const aside = temporaryBeside(folder);
    if (existsSync(folder)) renameSync(folder, aside);
    faultPoint('version.before-rename');
    renameSync(temporary, folder);
    rmSync(aside, { recursive: true, force: true });
  } catch (error) {
    // A disk that is full must not be filled with halves.
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  faultPoint('version.after-rename');
  syncPath(dirname(folder));
}

function layOut(temporary: string, { source, names = readdirSync(source), ...about }: Publication): void {
  mkdirSync(temporary);
  for (const name of names) copyFileSync(join(source, name), join(temporary, name));
  faultPoint('version.copied');
  const files: Record<string, string> = {};
  for (const name of [...names].sort()) {
    const path = join(temporary, name);
    files[name] = sha256(readFileSync(path));
    if (files[name] !== sha256(readFileSync(join(source, name)))) throw new Error(`${path} was not copied whole`);
    chmodSync(path, READ_ONLY);
    syncPath(path);
  }
  const { line, version, run, hash, metrics } = about;
  const description: VersionFile = { format: 'mlloop-version', line, version, run, hash, files, metrics };
  writeFileSync(join(temporary, VERSION_FILE), `${JSON.stringify(description, undefined, 2)}\n`, { mode: READ_ONLY });
  syncPath(join(temporary, VERSION_FILE));
  syncPath(temporary);
}

/** Points artifacts/models/LINE/ALIAS at a version, in one step. runs.db decides; this is for whoever reads files. */
export function linkAlias(folder: string, alias: string, version: number): void {
  const link = join(folder, alias);
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there?.isSymbolicLink() && readlinkSync(link) === `v${version}`) return;
  const temporary = temporaryBeside(link);
  symlinkSync(`v${version}`, temporary);
  faultPoint('alias.before-rename');
  // A tool that follows links has copied a version there, or a person has put something of theirs: it is only moved aside.
  if (there !== undefined && !there.isSymbolicLink()) {
    renameSync(link, `${link}-put-aside-${randomBytes(4).toString('hex')}`);
  }
  renameSync(temporary, link);
}

/** Takes an alias' link away; whatever else has its name stays. */
export function unlinkAlias(folder: string, alias: string): void {
  const link = join(folder, alias);
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(link);
}
