import type { Command } from 'commander';
import type { ExitCode } from '../domain/exit-code.ts';
import type { Io } from './io.ts';

export interface StateCommands {
  readonly verb: (name: string, description: string) => Command;
  readonly io: Io;
  readonly done: (code: ExitCode) => void;
  readonly positiveInteger: (text: string) => number;
}

/** The verb that carries what a project remembers from one machine to another. */
export function defineState({ verb, io, done, positiveInteger }: StateCommands): void {
  const state = verb('state', 'carry runs.db and what is needed of artifacts/ to another machine, and back');
  const wait = '--wait';
  state
    .command('export <target>')
    .description('copy the log and what is needed of artifacts/ into FILE.tar, FILE.tar.gz or a new folder')
    .exitOverride()
    .option('--name <name>', "what this machine's log is called elsewhere (default: ci in CI, else the machine's name)")
    .option('--runs <n>', 'of how many of the last runs the outs come along (default: 1)', positiveInteger)
    .option('--json', 'as JSON')
    .option(wait, 'wait for a run in this folder to end')
    .action(async (target: string, _, command: Command) =>
      done(await (await import('./state-export-verb.ts')).stateExportVerb(target, command.optsWithGlobals(), io)),
    );
  state
    .command('import <source>')
    .description('check an exported state, byte by byte and row by row, and take it over or merge it with what is here')
    .exitOverride()
    .option('--name <name>', "what this machine's log is called elsewhere (default: as before; ci in CI)")
    .option('--promote', 'point aliases where they point there; else only those that are not here yet')
    .option('--json', 'as JSON')
    .option(wait, 'wait for a run in this folder to end')
    .action(async (source: string, _, command: Command) =>
      done(await (await import('./state-import-verb.ts')).stateImportVerb(source, command.optsWithGlobals(), io)),
    );
}
