import { existsSync, readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { failure } from '../domain/failure.ts';
import { importLabels } from '../registry/import-labels.ts';
import { openExistingRunLog } from '../runlog/open.ts';
import { classesIn } from './classes-in.ts';
import type { CommonOptions, Io } from './io.ts';
import { foldersOf, refuse } from './project.ts';

/** `mlloop feedback import FILE`: the truth about answered predictions, from a CSV file. */
export function feedbackImportVerb(name: string, options: CommonOptions, io: Io): ExitCode {
  const path = resolve(io.cwd, name);
  const file = relative(io.cwd, path);
  if (!existsSync(path)) return refuse(io, [failure('FEEDBACK_FILE', { file, problem: 'there is no such file' })]);
  const { state } = foldersOf(options, io);
  const opened = openExistingRunLog(state.database);
  if (!opened.ok) return refuse(io, [opened.failure]);
  const log = opened.value;
  if (log === undefined) {
    const next = 'Deploy a model with: npm run pipeline';
    return refuse(io, [failure('USAGE', { problem: 'Nothing has been predicted here yet.', next })]);
  }
  try {
    const classesOf = classesIn(log, state.folder);
    const imported = importLabels(log, { file, bytes: readFileSync(path), classesOf, at: io.clock.now() });
    if (!imported.ok) return refuse(io, [imported.failure]);
    const { rows, added, forgotten, lines } = imported.value;
    const known = rows - added - forgotten;
    const of = lines.length === 0 ? '' : ` for ${lines.join(', ')}`;
    io.stderr(
      `Imported ${added} new ${added === 1 ? 'label' : 'labels'}${of}; ${known} of ${rows} rows were known or have no label.\n`,
    );
    if (forgotten > 0) {
      io.stderr(
        `${forgotten} ${forgotten === 1 ? 'names a prediction that was' : 'name predictions that were'} forgotten; not kept.\n`,
      );
    }
    if (added > 0) io.stderr('They count from the next run on: npm run pipeline\n');
    return EXIT.done;
  } finally {
    log.close();
  }
}
