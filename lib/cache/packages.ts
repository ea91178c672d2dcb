import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256 } from '../util/hash.ts';
import { signatureOf } from '../util/stat-signature.ts';
import { type Memo, noMemo } from './memo.ts';

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Tells the installed versions of packages, and of all they need in turn. */
export type ReadVersions = (names: readonly string[]) => Readonly<Record<string, string>>;

/**
 * Reads what is installed for a folder, there and in the folders above it. A package's text holds its version and a digest of
 * every package it needs in turn: any of them can change what a stage computes.
 */
export function versionReader(folder: string, memo: Memo = noMemo): ReadVersions {
  const installed = createInstalled(folder);
  return (names) => {
    const sorted = [...names].sort((a, b) => (a < b ? -1 : 1));
    const signature = installed.signature();
    const key = `${folder} ${sorted.join(' ')}`;
    const known = memo.get<readonly [string, Readonly<Record<string, string>>]>('versions', key);
    if (known !== undefined && known[0] === signature) return known[1];
    const versions = Object.fromEntries(sorted.map((name) => [name, describe(installed, folder, name)]));
    // Without npm's own list nothing tells in one look that all is as it was.
    if (signature !== undefined) memo.set('versions', key, [signature, versions]);
    return versions;
  };
}

function describe(installed: Installed, folder: string, name: string): string {
  const own = installed.find(folder, name);
  if (own === undefined) return 'absent';
  const version = (path: string): string => installed.manifest(path).version ?? '?';
  const needed = closureOf(installed, own).filter((path) => path !== own);
  if (needed.length === 0) return version(own);
  const lines = needed.map((path) => `${installed.nameOf(path)}@${version(path)}`).sort();
  return `${version(own)} with ${needed.length} more (${sha256(lines.join('\n')).slice(0, 8)})`;
}

/** Folders of a package and of all it needs, found as Node finds them. */
function closureOf(installed: Installed, start: string): string[] {
  const found = new Set([start]);
  const queue = [start];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const { dependencies = {}, optionalDependencies = {} } = installed.manifest(path);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const target = installed.find(path, name);
      if (target === undefined || found.has(target)) continue;
      found.add(target);
      queue.push(target);
    }
  }
  return [...found];
}

interface Installed {
  /** Changes with every installation; undefined where there is no list that would. */
  signature(): string | undefined;
  /** The folder of the package that code in a folder would import by this name. */
  find(from: string, name: string): string | undefined;
  manifest(path: string): Manifest;
  /** A package's name and place, without what differs from machine to machine. */
  nameOf(path: string): string;
}

/** npm's list of what it installed; other package managers have none, and package.json files are read instead. */
const LIST = join('node_modules', '.package-lock.json');

function createInstalled(folder: string): Installed {
  const lists = new Map<string, Readonly<Record<string, Manifest>>>();
  const manifests = new Map<string, Manifest>();
  const tops: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules'))) tops.push(at);
    if (at === dirname(at)) break;
  }
  const listOf = (top: string): Readonly<Record<string, Manifest>> => {
    const known = lists.get(top);
    if (known !== undefined) return known;
    const list = readJson<{ readonly packages?: Readonly<Record<string, Manifest>> }>(join(top, LIST))?.packages ?? {};
    lists.set(top, list);
    return list;
  };
  const topOf = (path: string): string => tops.find((top) => path.startsWith(`${top}/`)) ?? folder;
  const relativeTo = (path: string): string => path.slice(topOf(path).length + 1);
  return {
    signature: () => {
      const parts = tops.map((top) => signatureOf(join(top, LIST))?.text);
      return parts.includes(undefined) || parts.length === 0 ? undefined : parts.join(', ');
    },
    find: (from, name) => {
      for (let at = from; ; at = dirname(at)) {
        const candidate = join(at, 'node_modules', name);
        if (
          listOf(topOf(candidate))[relativeTo(candidate)] !== undefined ||
          existsSync(join(candidate, 'package.json'))
        ) {
          return candidate;
        }
        if (at === dirname(at)) return undefined;
      }
    },
    manifest: (path) => {
      const listed = listOf(topOf(path))[relativeTo(path)];
      if (listed !== undefined) return listed;
      const known = manifests.get(path) ?? readJson<Manifest>(join(path, 'package.json')) ?? {};
      manifests.set(path, known);
      return known;
    },
    nameOf: relativeTo,
  };
}

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
