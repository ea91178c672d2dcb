import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { failure } from '../domain/failure.ts';
import { ENOUGH_COVERAGE, windowAccuracy } from '../monitor/accuracy-windows.ts';
import { wilson } from '../monitor/wilson.ts';
import { accuracyText, type ShownAccuracy } from '../report/console/accuracy-text.ts';
import { type AccuracyQuery, countedSources, countedWindows } from '../runlog/accuracy.ts';
import { openExistingRunLog, type RunLog } from '../runlog/open.ts';
import { parseDuration } from '../util/duration.ts';
import type { CommonOptions, Io } from './io.ts';
import { foldersOf, refuse } from './project.ts';
import { timeBefore } from './time-before.ts';

export interface AccuracyOptions extends CommonOptions {
  readonly window: string;
  readonly since?: string;
  readonly line?: string;
  readonly coverage?: string;
  readonly json?: boolean;
}

/** Windows shorter than this are no windows, in milliseconds. */
const MIN_WIDTH_MS = 1000;

/** `mlloop feedback accuracy`: how well answers were, by the time they were given, as far as their labels tell. */
export function accuracyVerb(options: AccuracyOptions, io: Io): ExitCode {
  const widthMs = parseDuration(options.window);
  const since = options.since === undefined ? 0 : timeBefore(options.since, io.clock.now());
  const enough = options.coverage === undefined ? ENOUGH_COVERAGE : Number(options.coverage);
  const usage = (problem: string, next: string): ExitCode => refuse(io, [failure('USAGE', { problem, next })]);
  if (widthMs === undefined || widthMs < MIN_WIDTH_MS) {
    return usage(`'${options.window}' is no window.`, 'Say how long it is, as in --window 1d or --window 6h.');
  }
  if (since === undefined) {
    return usage(`'${options.since}' is no time.`, 'Say it like --since 2026-01-31T12:00:00Z, or --since 7d.');
  }
  if (!(enough >= 0 && enough <= 1)) {
    return usage(`'${options.coverage}' is no share.`, 'It is a number from 0 to 1, as in --coverage 0.8.');
  }
  const opened = openExistingRunLog(foldersOf(options, io).state.database);
  if (!opened.ok) return refuse(io, [opened.failure]);
  const log = opened.value;
  try {
    const query = { widthMs: Math.round(widthMs), since, line: options.line };
    const shown = log === undefined ? { enough, windows: [], sources: [] } : look(log, query, enough);
    io.stdout(options.json ? `${JSON.stringify(shown, undefined, 2)}\n` : accuracyText(shown));
    return EXIT.done;
  } finally {
    log?.close();
  }
}

const look = (log: RunLog, query: AccuracyQuery, enough: number): ShownAccuracy =>
  log.reading(() => ({
    enough,
    windows: countedWindows(log, query).map((one) => ({ ...one, ...windowAccuracy(one, enough) })),
    sources: countedSources(log, query).map((one) => ({ ...one, accuracy: wilson(one.correct, one.labels) })),
  }));
