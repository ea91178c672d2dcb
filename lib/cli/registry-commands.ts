import type { Command } from 'commander';
import type { ExitCode } from '../domain/exit-code.ts';
import type { Installation, Io } from './io.ts';

export interface RegistryCommands {
  readonly verb: (name: string, description: string) => Command;
  readonly io: Io;
  readonly installation: Installation;
  readonly done: (code: ExitCode) => void;
  /** Of option values: reads a whole number from 1, and gathers what is given more than once. */
  readonly positiveInteger: (text: string) => number;
  readonly collect: (value: string, before: readonly string[] | undefined) => readonly string[];
}

/** The verbs that read and change the registry. None of them takes the run lock, and only an import loads an engine. */
export function defineRegistry({ verb, io, installation, done, positiveInteger, collect }: RegistryCommands): void {
  const ofLine = (name: string, description: string): Command =>
    verb(name, description).option('--line <name>', 'the line of models, where several could be meant');
  const withReason = (command: Command): Command => command.option('--reason <text>', 'why, for the ledger');

  const models = ofLine('models [version]', 'list the registered versions, or all that is on record of one')
    .option('--learned-from <what>', 'only versions that learned from a hash, or from the label of a prediction')
    .option('--json', 'as JSON')
    .action(async (version: string | undefined, options) =>
      done(await (await import('./models-verb.ts')).modelsVerb(version, options, io)),
    );
  models
    .command('export <version> <dir>')
    .description('write a version with its model card into a folder, for other programs and registries')
    .exitOverride()
    .action(async (version: string, dir: string, _, command: Command) =>
      done(await (await import('./export-verb.ts')).exportVerb(version, dir, command.optsWithGlobals(), io)),
    );
  models
    .command('import <dir>')
    .description('check an exported version and add it as the next one of its line; no alias moves')
    .exitOverride()
    .action(async (dir: string, _, command: Command) =>
      done(await (await import('./import-verb.ts')).importVerb(dir, command.optsWithGlobals(), io, installation)),
    );
  ofLine('history', 'the deployment ledger: what was live when, by whom and why')
    .option('--limit <n>', 'how many entries, newest first', positiveInteger)
    .option('--json', 'as JSON')
    .action(async (options) => done(await (await import('./history-verb.ts')).historyVerb(options, io)));
  withReason(ofLine('promote <version>', 'point an alias at a version: v3, another alias, or latest'))
    .option('--alias <name>', 'the alias to move (default: champion)')
    .action(async (version: string, options) =>
      done(await (await import('./alias-verbs.ts')).promoteVerb(version, options, io)),
    );
  withReason(ofLine('rollback', 'point the champion back at the version that was live before'))
    .option('--to <version>', 'a version that was live earlier')
    .action(async (options) => done(await (await import('./alias-verbs.ts')).rollbackVerb(options, io)));
  withReason(ofLine('unalias <alias>', 'take an alias of your own away')).action(async (alias: string, options) =>
    done(await (await import('./alias-verbs.ts')).unaliasVerb(alias, options, io)),
  );
  ofLine('tag <version> [tags...]', 'set tags of a version, as in owner=anna; without any, show them')
    .option('--remove <key>', 'remove a tag; may be repeated', collect)
    .action(async (version: string, tags: string[], options) =>
      done(await (await import('./tag-verb.ts')).tagVerb(version, tags, options, io)),
    );
}
