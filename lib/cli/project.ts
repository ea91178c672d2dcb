import { cpus, hostname } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { exitCodeOf, type Failure, formatFailure } from '../domain/failure.ts';
import { quoted } from '../runner/commands.ts';
import { type StateFolder, stateFolder } from '../runner/state.ts';
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

/** The options that say where the folders are, when that is not where the person is. */
export const whereOptions = ({ root, state }: Folders, cwd: string): string[] => [
  ...(root === cwd ? [] : [`--root ${quoted(relative(cwd, root))}`]),
  ...(state.folder === root ? [] : [`--state ${quoted(relative(cwd, state.folder) || '.')}`]),
];

/** Prints every failure once, a blank line between two, and returns the exit code they lead to. */
export function refuse(io: Io, failures: readonly Failure[]): ExitCode {
  io.stderr(`${[...new Set(failures.map(formatFailure))].join('\n\n')}\n`);
  return failures.map(exitCodeOf)[0] ?? EXIT.usage;
}

/** What ran, for the record. */
export const versionsOf = (version: string): Record<string, string> => ({
  mlloop: version,
  node: process.versions.node,
  platform: `${process.platform}-${process.arch}`,
  processor: processorName(),
});

/** The kind of processor: other kinds may round the last digits another way. */
export const processorName = (): string => cpus()[0]?.model.trim() || 'unknown';

export const hostName = (): string => hostname();

/** Node's major version, operating system and processor: what another result may be expected from. */
export const platformKey = (): string =>
  `node ${process.versions.node.split('.')[0]} ${process.platform} ${process.arch}`;

export const builtFile = (built: string, entry: string): string => join(built, `${entry}.mjs`);
