import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { syncPath } from '../util/fs-atomic.ts';
import { sha256 } from '../util/hash.ts';
import { CHECKSUMS, checksumsText } from './checksums.ts';
import { type ExportFile, FILE_NAME } from './export-file.ts';
import { VERSION_FILE } from './version-folder.ts';

/** Files of an export that are no part of the model. */
export const CARD = 'README.md';
export const TRANSFORM = 'transform.json';

/** What later answers are compared with; only where the version has one. */
export const REFERENCE = 'drift-reference.json';

export interface NewExport {
  /** The version's folder. */
  readonly source: string;
  readonly file: ExportFile;
  /** The model card, as Markdown. */
  readonly card: string;
  /** What the raw values are multiplied by and moved by, as JSON. */
  readonly transform: string;
  /** What its answers are compared with, as JSON; undefined where it has none. */
  readonly reference?: string | undefined;
}

/** The first file of a model whose name is taken by the export itself, or would not survive every file system. */
export const unfitName = (names: readonly string[]): string | undefined =>
  names.find((name) => [CARD, TRANSFORM, REFERENCE, CHECKSUMS, VERSION_FILE].includes(name) || !FILE_NAME.test(name));

/** Fills an empty folder with a version: its files, its card, and the sums of them all. Gives the names of the files. */
export function writeExport(
  folder: string,
  { source, file, card, transform, reference }: NewExport,
): readonly string[] {
  for (const name of Object.keys(file.files)) writeFileSync(join(folder, name), readFileSync(join(source, name)));
  writeFileSync(join(folder, VERSION_FILE), `${JSON.stringify(file, undefined, 2)}\n`);
  writeFileSync(join(folder, CARD), card);
  writeFileSync(join(folder, TRANSFORM), transform);
  if (reference !== undefined) writeFileSync(join(folder, REFERENCE), reference);
  const names = readdirSync(folder).sort();
  const sums = Object.fromEntries(names.map((name) => [name, sha256(readFileSync(join(folder, name)))]));
  writeFileSync(join(folder, CHECKSUMS), checksumsText(sums));
  for (const name of [...names, CHECKSUMS]) syncPath(join(folder, name));
  syncPath(folder);
  return [...names, CHECKSUMS];
}
