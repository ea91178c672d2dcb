import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { findVersion } from '../registry/find-version.ts';
import { openExistingRunLog, type RunLog } from '../runlog/open.ts';
import { makingRun, type VersionRow } from '../runlog/registry.ts';
import { recordedRun } from '../runlog/restore.ts';
import { foreignRun, lastRuns } from '../runlog/runs.ts';
import { temporaryBeside } from '../util/fs-atomic.ts';
import { err, ok, type Result } from '../util/result.ts';
import { isFree } from './free-folder.ts';
import type { CommonOptions, Installation, Io } from './io.ts';
import { foldersOf, refuse } from './project.ts';
import { type LaidOut, layOutRun } from './restore/lay-out.ts';
import { targetFault } from './target-fault.ts';
import { whichRun } from './which-run.ts';

export interface RestoreOptions extends CommonOptions {
  readonly into: string;
  /** A line of models; needed only where several have the version. */
  readonly line?: string;
}

/** `mlloop restore RUN|vN --into DIR`: that run, laid out in a folder of its own so that it runs there. */
export async function restoreVerb(
  what: string,
  options: RestoreOptions,
  io: Io,
  { home }: Installation,
): Promise<ExitCode> {
  const folders = foldersOf(options, io);
  const into = resolve(io.cwd, options.into);
  if (!isFree(into)) return refuse(io, [failure('RESTORE_NOT_EMPTY', { folder: options.into || '.' })]);
  const opened = openExistingRunLog(folders.state.database);
  if (!opened.ok) return refuse(io, [opened.failure]);
  const log = opened.value;
  if (log === undefined) return refuse(io, [noRun(what, undefined)]);
  const folder = temporaryBeside(into);
  try {
    const found = findRun(log, what, options.line);
    if (!found.ok) return refuse(io, [found.failure]);
    const { run, version } = found.value;
    const recorded = recordedRun(log, run);
    if (recorded === undefined) return refuse(io, [noRun(what, lastRuns(log, 1)[0])]);
    if (recorded.status === 'running') {
      return refuse(io, [failure('RESTORE_IMPOSSIBLE', { run, why: 'it is still at work' })]);
    }
    mkdirSync(folder, { recursive: true });
    const { env, clock } = io;
    const laidOut = await layOutRun(recorded, folder, { log, folders, home, env, version, now: clock.now() });
    if (io.signal.aborted) return refuse(io, [failure('STAGE_INTERRUPTED', {})]);
    if (!laidOut.ok) return refuse(io, laidOut.failure);
    renameSync(folder, into);
    io.stdout(restoredText({ run, pipeline: recorded.pipeline, into: relative(io.cwd, into) || '.' }, laidOut.value));
    return EXIT.done;
  } catch (error) {
    return refuse(io, [targetFault(error, { target: options.into, cwd: io.cwd, state: into })]);
  } finally {
    if (existsSync(folder)) rmSync(folder, { recursive: true });
    log.close();
  }
}

const noRun = (run: string, last: number | undefined): Failure =>
  failure('RUNLOG_NO_RUN', {
    run,
    known:
      last === undefined
        ? 'There are no runs on record yet. Make one with: npm run pipeline'
        : `Give a run's number, as npm run runs lists them (the last is ${last}), or a model version like v1.`,
  });

interface Found {
  readonly run: number;
  readonly version: VersionRow | undefined;
}

/** A run by what it is called, or the run that made a model version. */
function findRun(log: RunLog, what: string, line: string | undefined): Result<Found, Failure> {
  if (!/^v[1-9]\d*$/.test(what)) {
    const run = whichRun(log, what);
    if (!run.ok) return run;
    return run.value === undefined
      ? err(noRun(what, lastRuns(log, 1)[0]))
      : madeHere(log, { run: run.value, version: undefined });
  }
  const found = findVersion(log, what, line);
  if (!found.ok) return found;
  const version = found.value;
  const run = makingRun(log, version.line, version.version);
  return run === null ? err(failure('RESTORE_IMPORTED', version)) : madeHere(log, { run, version });
}

/** What stood for every stage when a run ended is known by the log that it was made in alone. */
function madeHere(log: RunLog, found: Found): Result<Found, Failure> {
  const { run, version } = found;
  const elsewhere = foreignRun(log, run);
  return elsewhere === undefined ? ok(found) : err(failure('RESTORE_ELSEWHERE', { ...elsewhere, version }));
}

interface Restored {
  readonly run: number;
  readonly pipeline: string;
  readonly into: string;
}

function restoredText({ run, pipeline, into }: Restored, { stages, objects, places, models, notes }: LaidOut): string {
  const parts = [`${stages} stages`, `${objects} objects`, ...places, ...models];
  return `${[
    `Run ${run} of ${pipeline} is laid out in ${into}: pipeline.yaml, ${parts.join(', ')}.`,
    ...notes.map((note) => `note: ${note}`),
    `Run it there with: npm run pipeline -- --root ${into}`,
  ].join('\n')}\n`;
}
