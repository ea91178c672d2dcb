import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../util/hash.ts';

interface LockEntry {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type Lock = Readonly<Record<string, LockEntry>>;

/**
 * The version of a package as installed, and a digest of every package it needs in turn: any of them can change what
 * a stage computes. Reads npm's own list of what is installed, else the package's version alone.
 */
export function installedVersions(folder: string, names: readonly string[]): Record<string, string> {
  const lock = readInstalled(folder);
  return Object.fromEntries(
    [...names].sort((a, b) => (a < b ? -1 : 1)).map((name) => [name, describe({ folder, lock, name })]),
  );
}

function describe({
  folder,
  lock,
  name,
}: {
  readonly folder: string;
  readonly lock: Lock;
  readonly name: string;
}): string {
  const entry = lock[`node_modules/${name}`];
  if (entry === undefined) return versionOf(join(folder, 'node_modules', name));
  const needed = closureOf(lock, `node_modules/${name}`).filter((path) => path !== `node_modules/${name}`);
  if (needed.length === 0) return entry.version ?? '?';
  const digest = sha256(needed.map((path) => `${path}@${lock[path]?.version}`).join('\n')).slice(0, 8);
  return `${entry.version} with ${needed.length} more (${digest})`;
}

function readInstalled(folder: string): Lock {
  const file = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(file)) return {};
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly packages?: Lock }).packages ?? {};
}

function versionOf(folder: string): string {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return 'absent';
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version?: string }).version ?? '?';
}

/** Paths in node_modules of a package and all it needs, sorted; found as Node finds them, from the inside out. */
function closureOf(lock: Lock, start: string): string[] {
  const found = new Set([start]);
  const queue = [start];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const { dependencies = {}, optionalDependencies = {} } = lock[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const target = resolveIn(lock, path, name);
      if (target !== undefined && !found.has(target)) {
        found.add(target);
        queue.push(target);
      }
    }
  }
  return [...found].sort((a, b) => (a < b ? -1 : 1));
}

function resolveIn(lock: Lock, from: string, name: string): string | undefined {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    const candidate = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`;
    if (lock[candidate] !== undefined) return candidate;
    if (base === '' || !base.includes('/node_modules/')) return lock[`node_modules/${name}`] && `node_modules/${name}`;
  }
}
