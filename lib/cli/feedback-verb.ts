import { existsSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { failure } from '../domain/failure.ts';
import { LOG_NAME } from '../domain/log-name.ts';
import type { BadRowPolicy, UnknownPolicy } from '../exchange/feedback/counts.ts';
import { importFeedback } from '../exchange/feedback/import-feedback.ts';
import { importedText } from '../report/console/imported-text.ts';
import { writeFault } from '../runner/write-fault.ts';
import { sha256File } from '../util/hash.ts';
import type { CommonOptions, Io } from './io.ts';
import { openLiveLog } from './open-live-log.ts';
import { foldersOf, refuse } from './project.ts';
import { shapesIn } from './shapes-in.ts';

export interface FeedbackImportOptions extends CommonOptions {
  /** Whose word the labels are, where the file does not say. */
  readonly source: string;
  readonly badRows: BadRowPolicy;
  /** As `badRows`, when it is left out. */
  readonly unknown?: UnknownPolicy;
  readonly json?: boolean;
}

/** Sources that are this program's own, and what people said is never taken for. */
const OWN_SOURCES = ['serve', 'predict', 'simulation'];

/** `mlloop feedback import FILE`: the truth about answered predictions, from a CSV file or JSON lines. */
export async function feedbackImportVerb(name: string, options: FeedbackImportOptions, io: Io): Promise<ExitCode> {
  const path = resolve(io.cwd, name);
  const file = relative(io.cwd, path);
  const { source, badRows, unknown = badRows, json } = options;
  if (!LOG_NAME.test(source) || OWN_SOURCES.includes(source)) {
    const next = 'Name whose word the labels are with small letters, digits and -, as in --source audit.';
    return refuse(io, [failure('USAGE', { problem: `'${source}' cannot be the source of labels in a file.`, next })]);
  }
  if (!existsSync(path)) return refuse(io, [failure('FEEDBACK_FILE', { file, problem: 'there is no such file' })]);
  if (!statSync(path).isFile()) return refuse(io, [failure('FEEDBACK_FILE', { file, problem: 'it is no file' })]);
  const { state } = foldersOf(options, io);
  const opened = openLiveLog(state.database);
  if (!opened.ok) return refuse(io, [opened.failure]);
  const log = opened.value;
  try {
    const imported = await importFeedback(log, {
      path,
      file,
      digest: await sha256File(path),
      source,
      badRows,
      unknown,
      shapeOf: shapesIn(log, state.folder),
      at: io.clock.now(),
      signal: io.signal,
      clock: io.clock,
      wait: (ms) => setTimeout(ms),
    });
    if (!imported.ok) return refuse(io, [imported.failure]);
    if (json) io.stdout(`${JSON.stringify(imported.value, undefined, 2)}\n`);
    else io.stderr(importedText(imported.value));
    return EXIT.done;
  } catch (error) {
    return refuse(io, [writeFault(error, state.folder)]);
  } finally {
    log.close();
  }
}
