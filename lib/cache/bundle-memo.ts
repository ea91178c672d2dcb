import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Sha256 } from '../util/hash.ts';
import { isSettled } from '../util/stat-signature.ts';
import type { Bundle } from './bundle.ts';
import { createLook, type Look, namesIn } from './look.ts';
import type { Memo } from './memo.ts';

/** What is known of a bundle without making it again. */
export interface KnownBundle {
  readonly hash: Sha256;
  readonly packages: readonly string[];
}

/** Everything that decides what a bundle holds, as the file system tells it. */
type Inputs = {
  /** Files that are in it, and package.json files that say how imports are read; null where there is none. */
  readonly files: readonly (readonly [path: string, signature: string | null])[];
  /** Folders in which an import is looked for: a new name there may take the place of another. */
  readonly folders: readonly (readonly [path: string, names: string | null])[];
};

type Remembered = Inputs & { readonly hash: string; readonly packages: readonly string[] };

export interface BundleIdentity {
  /** Where the stage's file lies. */
  readonly path: string;
  /** What bundles: another bundler, or another setting of it, may give other code. */
  readonly bundler: string;
}

const KIND = 'bundle';

const keyOf = ({ path, bundler }: BundleIdentity): string => `${bundler} ${path}`;

/** The bundle of a stage whose files have not changed since it was made; undefined when it has to be made again. */
export function recallBundle(memo: Memo, look: Look, identity: BundleIdentity): KnownBundle | undefined {
  const known = memo.get<Remembered>(KIND, keyOf(identity));
  if (known === undefined) return undefined;
  const isSame =
    known.files.every(([path, signature]) => (look.signature(path)?.text ?? null) === signature) &&
    known.folders.every(([path, names]) => (look.names(path) ?? null) === names);
  return isSame ? { hash: known.hash as Sha256, packages: known.packages } : undefined;
}

export interface BundleMaking {
  readonly bundle: Bundle;
  readonly root: string;
  readonly home: string;
  /** When bundling began, in milliseconds since the epoch: what changed about then or later is not remembered. */
  readonly startedMs: number;
  /** Names in the root and in mlloop's own folder when bundling began. */
  readonly before: Readonly<Record<string, string | undefined>>;
}

/** The folders whose names change with every run, listed before bundling, because their times tell nothing. */
export const listBusyFolders = (root: string, home: string): BundleMaking['before'] => ({
  [root]: namesIn(root),
  [home]: namesIn(home),
});

/** Remembers a bundle, unless something it is made of changed too short ago for the next change to be seen. */
export function rememberBundle(memo: Memo, identity: BundleIdentity, making: BundleMaking): void {
  const { bundle, root, home, startedMs, before } = making;
  // A look of its own: the files may have changed since others were looked at.
  const look = createLook();
  const folders = foldersAround([...bundle.inputs, ...bundle.named], [root, home]);
  const scopes = bundle.packages.filter((name) => name.startsWith('@')).map((name) => name.split('/')[0] ?? '');
  // A package, and a package.json that says how imports are read, may lie above the project.
  const above = [...new Set([...folders, root, home].flatMap(ancestorsOf))].sort();
  const stated = [
    ...bundle.inputs,
    ...above.map((folder) => join(folder, 'package.json')),
    ...above.flatMap((folder) => ['', ...scopes].map((scope) => join(folder, 'node_modules', scope))),
  ];
  const files = [...new Set(stated)].map((path) => [path, look.signature(path)] as const);
  if (files.some(([, signature]) => signature !== undefined && !isSettled(signature, startedMs))) return;
  for (const folder of folders) {
    const signature = look.signature(folder);
    const isQuiet =
      folder in before ? before[folder] === look.names(folder) : signature && isSettled(signature, startedMs);
    if (!isQuiet) return;
  }
  memo.set(KIND, keyOf(identity), {
    hash: bundle.hash,
    packages: bundle.packages,
    files: files.map(([path, signature]) => [path, signature?.text ?? null] as const),
    folders: folders.map((path) => [path, look.names(path) ?? null] as const),
  } satisfies Remembered);
}

/** Every folder an input lies in, and those above it up to one of the tops, or else to the top of the package it is of. */
function foldersAround(inputs: readonly string[], tops: readonly string[]): string[] {
  const found = new Set<string>();
  for (const input of inputs) {
    const above = ancestorsOf(dirname(input));
    const top = above.findIndex((folder) => tops.includes(folder));
    const end = top >= 0 ? top : above.findIndex((folder) => existsSync(join(folder, 'package.json')));
    for (const folder of above.slice(0, Math.max(0, end) + 1)) found.add(folder);
  }
  return [...found].sort();
}

/** A folder and all above it, the nearest first. */
function ancestorsOf(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestorsOf(parent)];
}
