import { type Command, Option } from 'commander';
import type { ExitCode } from '../domain/exit-code.ts';
import type { Io } from './io.ts';

export interface FeedbackCommands {
  readonly verb: (name: string, description: string) => Command;
  readonly io: Io;
  readonly done: (code: ExitCode) => void;
}

/** The verbs that bring labels in, take them elsewhere, and show what could not be taken. */
export function defineFeedback({ verb, io, done }: FeedbackCommands): void {
  const feedback = verb('feedback', 'labels for answered predictions');
  feedback
    .command('import <file>')
    .description('read labels from a CSV file with the columns prediction_id and label, or from JSON lines')
    .exitOverride()
    .option(
      '--source <name>',
      'whose word the labels are, where the file does not say: audit for a random sample',
      'import',
    )
    .addOption(
      new Option(
        '--bad-rows <what>',
        'a row that cannot be right ends the import before anything is written, or is set aside',
      )
        .choices(['stop', 'quarantine'])
        .default('stop'),
    )
    .addOption(
      new Option(
        '--unknown <what>',
        'the same for an id nobody knows; its label can also wait for the prediction (default: as --bad-rows)',
      ).choices(['stop', 'quarantine', 'wait']),
    )
    .option('--json', 'counts as JSON')
    .action(async (file: string, _, command: Command) =>
      done(await (await import('./feedback-verb.ts')).feedbackImportVerb(file, command.optsWithGlobals(), io)),
    );
  feedback
    .command('export [file]')
    .description('write labels with their predictions as JSON lines, for another machine (labels alone into FILE.csv)')
    .exitOverride()
    .option('--since <when>', 'only what was given from then on: a time like 2026-01-31T12:00:00Z, or 7d, 12h, 30m ago')
    .option('--line <name>', 'of this line of models alone')
    .option('--unlabelled', 'answers that nobody has labelled, too')
    .action(async (file: string | undefined, _, command: Command) =>
      done((await import('./feedback-export-verb.ts')).feedbackExportVerb(file, command.optsWithGlobals(), io)),
    );
  feedback
    .command('accuracy')
    .description('how well answers were by the time they were given, how many have a label, and how long it took')
    .exitOverride()
    .option('--window <duration>', 'how long a window is, as in 6h', '1d')
    .option('--since <when>', 'only answers from then on: a time, or 7d, 12h, 30m ago')
    .option('--coverage <share>', 'the share of labelled answers below which accuracy is provisional (default: 0.5)')
    .option('--line <name>', 'of this line of models alone')
    .option('--json', 'as JSON')
    .action(async (_, command: Command) =>
      done((await import('./accuracy-verb.ts')).accuracyVerb(command.optsWithGlobals(), io)),
    );
  feedback
    .command('quarantine')
    .description('rows of feedback files that were set aside, as CSV: file, line, reason, text')
    .exitOverride()
    .option('--clear', 'let go of them')
    .option('--json', 'as JSON')
    .action(async (_, command: Command) =>
      done((await import('./quarantine-verb.ts')).quarantineVerb(command.optsWithGlobals(), io)),
    );
}
