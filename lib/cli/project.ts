import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { openStore } from '../cache/store.ts';
import { type LoadedPipeline, loadPipeline } from '../config/load.ts';
import { type Failure, formatFailure } from '../domain/failure.ts';
import { buildGraph } from '../graph/build.ts';
import { type StateFolder, stateFolder } from '../runner/state.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { CommonOptions, Io } from './io.ts';

/** The project's folder and that of its state. */
export interface Folders {
  readonly root: string;
  readonly state: StateFolder;
}

export function foldersOf(options: CommonOptions, io: Io): Folders {
  const root = resolve(io.cwd, options.root ?? '.');
  return { root, state: stateFolder(resolve(io.cwd, options.state ?? options.root ?? '.')) };
}

/** pipeline.yaml, validated, its stages in order. */
export function loadProject(
  root: string,
  options: { readonly profile?: string; readonly set?: readonly string[] },
): Result<LoadedPipeline, readonly Failure[]> {
  const loaded = loadPipeline(root, { profile: options.profile, overrides: options.set ?? [] });
  if (!loaded.ok) return loaded;
  const built = buildGraph(loaded.value.pipeline);
  return built.ok ? ok({ ...loaded.value, pipeline: built.value }) : err(built.failure);
}

/** Prints every failure, a blank line between two. */
export function printFailures(io: Io, failures: readonly Failure[]): void {
  io.stderr(`${failures.map(formatFailure).join('\n\n')}\n`);
}

export const storeOf = (state: StateFolder): ReturnType<typeof openStore> => openStore(state.objects);

/** What ran, for the record. */
export const versionsOf = (version: string): Record<string, string> => ({
  mlloop: version,
  node: process.versions.node,
  platform: `${process.platform}-${process.arch}`,
});

export const hostName = (): string => hostname();

/** Node's major version, operating system and processor: what another result may be expected from. */
export const platformKey = (): string =>
  `node ${process.versions.node.split('.')[0]} ${process.platform} ${process.arch}`;

export const builtFile = (built: string, entry: string): string => join(built, `${entry}.mjs`);
