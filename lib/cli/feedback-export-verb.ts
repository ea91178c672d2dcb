import { closeSync, existsSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { failure } from '../domain/failure.ts';
import { CSV_COLUMNS, csvFields, jsonRow } from '../exchange/feedback/export-feedback.ts';
import { type ExportedRow, exportedRows } from '../runlog/export-rows.ts';
import { isPipe, syncPath, temporaryBeside, throughLinks } from '../util/fs-atomic.ts';
import type { CommonOptions, Io } from './io.ts';
import { openLiveLog } from './open-live-log.ts';
import { foldersOf, refuse } from './project.ts';
import { shapesIn } from './shapes-in.ts';
import { targetFault } from './target-fault.ts';
import { timeBefore } from './time-before.ts';

export interface FeedbackExportOptions extends CommonOptions {
  readonly since?: string;
  readonly line?: string;
  readonly unlabelled?: boolean;
}

/** Characters written at once. */
const BLOCK = 1 << 18;

/** `mlloop feedback export [FILE]`: what people said of answers, for another machine. */
export function feedbackExportVerb(name: string | undefined, options: FeedbackExportOptions, io: Io): ExitCode {
  const since = options.since === undefined ? 0 : timeBefore(options.since, io.clock.now());
  if (since === undefined) {
    const next = 'Say it like --since 2026-01-31T12:00:00Z, or --since 7d for the last seven days.';
    return refuse(io, [failure('USAGE', { problem: `'${options.since}' is no time.`, next })]);
  }
  const { state } = foldersOf(options, io);
  const opened = openLiveLog(state.database);
  if (!opened.ok) return refuse(io, [opened.failure]);
  const log = opened.value;
  const target = name === undefined ? undefined : throughLinks(resolve(io.cwd, name));
  const shapeOf = shapesIn(log, state.folder);
  const isCsv = target?.endsWith('.csv') ?? false;
  const text = (row: ExportedRow): string =>
    isCsv ? stringify([[...csvFields(row, shapeOf)]]) : `${jsonRow(row, shapeOf)}\n`;
  const query = { since, line: options.line, unlabelled: options.unlabelled ?? false };
  try {
    const count = log.reading(() =>
      write(target, io, isCsv ? `${CSV_COLUMNS.join(',')}\n` : '', exportedRows(log, query), text),
    );
    const rows = count === 1 ? '1 row of feedback is' : `${count} rows of feedback are`;
    if (target !== undefined) io.stderr(`${rows} in ${relative(io.cwd, target)}.\n`);
    return EXIT.done;
  } catch (error) {
    return refuse(io, [targetFault(error, { target: name, cwd: io.cwd, state: state.folder })]);
  } finally {
    log.close();
  }
}

/** Writes rows as they come: into a file, whole or not at all, or to stdout. Gives how many. */
function write(
  target: string | undefined,
  io: Io,
  head: string,
  rows: Iterable<ExportedRow>,
  text: (row: ExportedRow) => string,
): number {
  if (target === undefined) return inBlocks(head, rows, text, io.stdout);
  const into = (path: string): number => {
    const file = openSync(path, path === target ? 'w' : 'wx');
    try {
      return inBlocks(head, rows, text, (block) => void writeFileSync(file, block));
    } finally {
      closeSync(file);
    }
  };
  if (isPipe(target)) return into(target);
  const temporary = temporaryBeside(target);
  try {
    const count = into(temporary);
    syncPath(temporary);
    renameSync(temporary, target);
    return count;
  } finally {
    if (existsSync(temporary)) rmSync(temporary);
  }
}

function inBlocks(
  head: string,
  rows: Iterable<ExportedRow>,
  text: (row: ExportedRow) => string,
  put: (block: string) => void,
): number {
  let block = head;
  let count = 0;
  for (const row of rows) {
    block += text(row);
    count += 1;
    if (block.length < BLOCK) continue;
    put(block);
    block = '';
  }
  if (block !== '') put(block);
  return count;
}
