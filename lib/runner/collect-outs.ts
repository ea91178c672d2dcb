import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isPresent, listFiles } from '../cache/content.ts';
import type { Store } from '../cache/store.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { isFolderKind, type OutKind, type Stage } from '../domain/pipeline.ts';
import type { ArtifactUse } from '../runlog/attempts.ts';
import { err, ok, type Result } from '../util/result.ts';

const ENDINGS: Readonly<Partial<Record<OutKind, string>>> = { json: '.json', html: '.html' };

/** What a file out is called by people: its name with the ending of its kind. */
export const endingOf = (kind: OutKind): string => ENDINGS[kind] ?? '';

/** Makes the empty folders a stage writes to and returns the path of every out, and of a folder for scratch. */
export function prepareOuts(folder: string, outs: Stage['outs']): { outs: Record<string, string>; temporary: string } {
  rmSync(folder, { recursive: true, force: true });
  const paths: Record<string, string> = {};
  mkdirSync(join(folder, 'outs'), { recursive: true });
  for (const [name, kind] of Object.entries(outs)) {
    paths[name] = join(folder, 'outs', `${name}${endingOf(kind)}`);
    if (isFolderKind(kind)) mkdirSync(paths[name], { recursive: true });
  }
  const temporary = join(folder, 'scratch');
  mkdirSync(temporary);
  return { outs: paths, temporary };
}

/** Checks what a stage wrote: every declared out, nothing else, each of its kind. */
export function checkOuts(folder: string, outs: Stage['outs']): Result<undefined, Failure> {
  const declared = Object.entries(outs).map(([name, kind]) => `${name}${endingOf(kind)}`);
  const extra = readdirSync(join(folder, 'outs')).find((name) => !declared.includes(name));
  if (extra !== undefined) {
    return err(failure('STAGE_BAD_OUT', { out: extra, problem: 'is not declared under outs in pipeline.yaml' }));
  }
  for (const [name, kind] of Object.entries(outs)) {
    const problem = problemOf(join(folder, 'outs', `${name}${endingOf(kind)}`), kind);
    if (problem === 'missing') return err(failure('STAGE_MISSING_OUT', { out: name, kind }));
    if (problem !== undefined) return err(failure('STAGE_BAD_OUT', { out: name, problem }));
  }
  return ok(undefined);
}

/** The file each folder kind is known by. */
const MARKERS: Readonly<Partial<Record<OutKind, string>>> = { dataset: 'dataset.json', model: 'model.json' };

function problemOf(path: string, kind: OutKind): string | undefined {
  if (!isPresent(path)) return 'missing';
  const strange = strangeIn(path);
  if (strange !== undefined) return `is or holds ${strange}`;
  const stats = lstatSync(path);
  if (stats.isDirectory() !== isFolderKind(kind)) return `has to be a ${isFolderKind(kind) ? 'folder' : 'file'}`;
  if (stats.isDirectory()) {
    if (listFiles(path).length === 0) return 'missing';
    const marker = MARKERS[kind];
    return marker === undefined || isPresent(join(path, marker))
      ? undefined
      : `has no ${marker}, so it is not a ${kind}`;
  }
  if (stats.size === 0) return 'is an empty file';
  return kind === 'json' ? jsonProblem(path) : undefined;
}

/** What of an out cannot be kept, by its path from the out's own name on; undefined where all can. */
function strangeIn(path: string, name = basename(path)): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return `something whose name is not UTF-8 (${name})`;
  if (stats.isSymbolicLink()) return `a symbolic link (${name}): what it points at may change; copy it instead`;
  if (stats.isFile()) return undefined;
  if (!stats.isDirectory()) return `something that is neither a file nor a folder (${name})`;
  for (const inside of readdirSync(path).sort()) {
    const found = strangeIn(join(path, inside), `${name}/${inside}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function jsonProblem(path: string): string | undefined {
  try {
    JSON.parse(readFileSync(path, 'utf8'));
    return undefined;
  } catch (error) {
    return `is not JSON: ${(error as Error).message}`;
  }
}

/** Moves every out into the store. */
export async function storeOuts(
  store: Store,
  paths: Readonly<Record<string, string>>,
  outs: Stage['outs'],
): Promise<ArtifactUse[]> {
  const uses: ArtifactUse[] = [];
  for (const [name, kind] of Object.entries(outs)) {
    const path = paths[name];
    if (path === undefined) throw new Error(`no path was prepared for the out ${name}`);
    const { hash, sizeBytes, files } = await store.take(path);
    uses.push({ role: 'out', name, hash, kind, sizeBytes, files });
  }
  return uses;
}
