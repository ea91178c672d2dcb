import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { RunView } from '../domain/run-view.ts';
import { compareRuns } from '../report/runs/compare.ts';
import { compareText } from '../report/runs/compare-text.ts';
import { runsTable } from '../report/runs/runs-table.ts';
import { showText } from '../report/runs/show-text.ts';
import { timedResults } from '../report/runs/timed-results.ts';
import { openExistingRunLog, type RunLog } from '../runlog/open.ts';
import { readRun } from '../runlog/read-run.ts';
import { runName } from '../runlog/run-name.ts';
import { foreignExecution, knownStages, lastLog, lastRuns, newestRuns } from '../runlog/runs.ts';
import { err, ok, type Result } from '../util/result.ts';
import { didYouMean } from '../util/suggest.ts';
import type { CommonOptions, Io } from './io.ts';
import { foldersOf, refuse } from './project.ts';
import { whichRun } from './which-run.ts';

interface LogOptions extends CommonOptions {
  readonly json?: boolean;
}

/** Runs listed when nobody says how many. */
const DEFAULT_LIMIT = 20;

const NO_RUNS = failure('USAGE', {
  problem: 'There are no runs on record yet.',
  next: 'Make one with: npm run pipeline',
});

/** Reads from the log and writes what comes of it; a log that is not there is no error of the person's. */
function fromLog(options: CommonOptions, io: Io, read: (log: RunLog) => Result<string, Failure>): ExitCode {
  const opened = openExistingRunLog(foldersOf(options, io).state.database);
  if (!opened.ok) return refuse(io, [opened.failure]);
  if (opened.value === undefined) return refuse(io, [NO_RUNS]);
  try {
    const text = read(opened.value);
    if (!text.ok) return refuse(io, [text.failure]);
    io.stdout(text.value);
    return EXIT.done;
  } finally {
    opened.value.close();
  }
}

const asJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** `mlloop runs`: the last runs, newest first. */
export function runsVerb({ json, limit, ...options }: LogOptions & { readonly limit?: number }, io: Io): ExitCode {
  return fromLog(options, io, (log) => {
    const views = newestRuns(log, limit ?? DEFAULT_LIMIT).flatMap((run) => readRun(log, run) ?? []);
    if (views.length === 0) return err(NO_RUNS);
    return ok(json ? asJson(views) : runsTable(views, io.room));
  });
}

/** `mlloop show RUN`: all that is on record of it. */
export function showVerb(run: string | undefined, { json, ...options }: LogOptions, io: Io): ExitCode {
  return fromLog(options, io, (log) => {
    const view = findRun(log, run ?? String(lastRuns(log, 1)[0] ?? ''));
    if (!view.ok) return view;
    const { trials } = view.value;
    const results = trials.length === 0 ? {} : { cvResults: timedResults(trials) };
    return ok(json ? asJson({ ...view.value, ...results }) : showText(view.value, io.room));
  });
}

/** `mlloop compare A B …`: what differs, and which is better. */
export function compareVerb(runs: readonly string[], { json, ...options }: LogOptions, io: Io): ExitCode {
  if (runs.length < 2) {
    const next = 'Type: npm run compare -- 2 3   (npm run runs lists them)';
    return refuse(io, [failure('USAGE', { problem: 'It takes two runs or more to compare.', next })]);
  }
  return fromLog(options, io, (log) => {
    const views: RunView[] = [];
    for (const run of runs) {
      const view = findRun(log, run);
      if (!view.ok) return view;
      views.push(view.value);
    }
    const comparison = compareRuns(views);
    return ok(json ? asJson(comparison) : compareText(comparison, io.room));
  });
}

function findRun(log: RunLog, run: string): Result<RunView, Failure> {
  const id = whichRun(log, run);
  if (!id.ok) return id;
  const view = id.value === undefined ? undefined : readRun(log, id.value);
  return view === undefined ? err(noRun(log, run)) : ok(view);
}

function noRun(log: RunLog, run: string): Failure {
  const [last] = lastRuns(log, 1);
  if (last === undefined) return NO_RUNS;
  return failure('RUNLOG_NO_RUN', { run, known: `The last run is ${last}; npm run runs lists them.` });
}

/** `mlloop logs STAGE`: what its last execution wrote. */
export function logsVerb(stage: string, options: CommonOptions & { readonly run?: string }, io: Io): ExitCode {
  const { state } = foldersOf(options, io);
  return fromLog(options, io, (log) => {
    const run = options.run === undefined ? ok(undefined) : whichRun(log, options.run);
    if (!run.ok) return run;
    if (options.run !== undefined && run.value === undefined) return err(noRun(log, options.run));
    const found = lastLog(log, stage, run.value);
    if (found === undefined) return err(noLog(log, stage, run.value));
    const file = join(state.folder, found.log);
    if (!existsSync(file)) {
      const problem = `Run ${found.run} wrote ${found.log}, which is gone.`;
      return err(failure('USAGE', { problem, next: `Run the stage again with: npm run stage -- ${stage}` }));
    }
    io.stderr(`${found.log} (run ${found.run}, ${found.status.replace('_', ' ')})\n`);
    return ok(readFileSync(file, 'utf8'));
  });
}

function noLog(log: RunLog, stage: string, run: number | undefined): Failure {
  const elsewhere = foreignExecution(log, stage, run);
  if (elsewhere !== undefined) return failure('RUNLOG_LOG_ELSEWHERE', { stage, ...elsewhere });
  const known = knownStages(log);
  const earlier = run === undefined ? undefined : lastLog(log, stage, undefined);
  if (earlier !== undefined && run !== undefined) {
    const problem = `'${stage}' was not executed in run ${runName(log, run)}.`;
    return failure('USAGE', {
      problem,
      next: `Its last execution: npm run mlloop -- logs ${stage} --run ${earlier.run}`,
    });
  }
  const where = run === undefined ? '' : ` in run ${runName(log, run)}`;
  const problem = `No execution of '${stage}' is on record${where}.${didYouMean(stage, known)}`;
  return failure('USAGE', { problem, next: `Stages on record: ${known.join(', ') || 'none'}.` });
}
