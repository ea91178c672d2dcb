import { type Failure, failureText } from '../domain/failure.ts';
import type { FoldRecord } from '../domain/records.ts';
import type { TaskAnswer, TaskMemo, TaskPool, TaskUsage } from '../domain/tasks.ts';
import type { Settings } from '../ml/settings.ts';
import type { Json } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { CellInput, CellScore } from './cell.ts';
import { type CellMemory, type CellsBase, cellIdentity, cellSeed, type Job, jobsOf, splitOf } from './cells.ts';
import { shareFits } from './fits.ts';
import { createSearchProgress, type SearchProgress, type SearchProgressTracker } from './progress.ts';
import { type FoldScores, firstIdleFold } from './prune.ts';

export interface CellsRequest extends CellsBase {
  readonly pool: TaskPool;
  /** Name of the stage's task that computes a cell. */
  readonly task: string;
  readonly memo: TaskMemo;
  /** Every setting to be scored, in grid order. */
  readonly tried: readonly Settings[];
  /** How many of them, from the first, are left out once they cannot win; 0 for none. */
  readonly prunable: number;
  /** What a fit of a setting costs, in any unit: for their order, and the time that is left. */
  readonly costOf: (settings: Settings) => number;
  /** Told after every fit what is known by now, and which fits are not begun yet. */
  readonly onSettled: (scores: readonly FoldScores[], waiting: readonly Job[]) => void;
  readonly onFold: (record: FoldRecord) => void;
  readonly onProgress: (progress: SearchProgress) => void;
}

/** Records of every candidate by fold, in order. */
export type Cells = readonly (readonly FoldRecord[])[];

interface Search {
  readonly request: CellsRequest;
  readonly jobs: readonly Job[];
  /** What is known so far, by candidate and fold. */
  readonly known: (FoldRecord | undefined)[][];
  readonly progress: SearchProgressTracker;
}

/** Computes every cell that is needed and was never computed before. The answer depends on neither order nor number of workers. */
export async function runCells(request: CellsRequest): Promise<Result<Cells, Failure>> {
  const { tried, folds, pool, prunable, costOf, onProgress } = request;
  const jobs = jobsOf(shareFits(tried), folds);
  const progress = createSearchProgress({
    trials: tried.length,
    folds,
    workers: pool.workers,
    costs: jobs.map(({ fit }) => costOf(fit.settings)),
    tell: onProgress,
  });
  const search: Search = { request, jobs, known: tried.map(() => Array(folds).fill(undefined)), progress };
  await recallCells(search);
  const fault = await computeCells(search);
  if (fault !== undefined) return err(fault);
  const cells = tried.map((_, trial) => {
    const idleFrom = trial < prunable ? firstIdleFold(prunableScores(search), trial) : folds;
    return search.known[trial]?.map((record, fold) =>
      record === undefined || fold >= idleFrom ? prunedCell(trial, fold) : record,
    );
  });
  const records = cells.map((folds_) => folds_ ?? []);
  for (const record of records.flat()) request.onFold(record);
  return ok(records);
}

const prunedCell = (trial: number, fold: number): FoldRecord => {
  const nothing = { score: null, reused: false, durationMs: 0, cpuMs: null, peakMemoryBytes: null };
  return { trial, fold, status: 'pruned', ...nothing };
};

const scoresOf = ({ known }: Search): FoldScores[] => known.map((folds) => folds.map((record) => record?.score));

const prunableScores = (search: Search): FoldScores[] => scoresOf(search).slice(0, search.request.prunable);

const isNeeded = (search: Search, trial: number, fold: number): boolean =>
  search.known[trial]?.[fold] === undefined &&
  (trial >= search.request.prunable || fold < firstIdleFold(prunableScores(search), trial));

/** Fills in what any run has computed before. */
async function recallCells(search: Search): Promise<void> {
  const { request, jobs, progress } = search;
  const wanted = jobs.flatMap((job) => job.fit.members.map((trial) => ({ job, trial })));
  const identities = wanted.map(({ job, trial }) => cellIdentity(request, job, request.tried[trial] as Settings));
  const memories = await request.memo.recall(identities);
  wanted.forEach(({ job, trial }, at) => {
    const memory = memories[at] as CellMemory | null | undefined;
    if (memory) settle(search, { ...memory, trial, fold: job.fold, reused: true });
  });
  for (const job of jobs)
    if (job.fit.members.every((trial) => search.known[trial]?.[job.fold])) progress.skip(job.index);
}

function settle({ known, progress }: Search, record: FoldRecord): void {
  const folds = known[record.trial];
  if (folds !== undefined) folds[record.fold] = record;
  progress.settled(record.trial, record.fold, record.score);
}

/** As many calls at once as the pool has workers; a fault that is no candidate's own ends the search. */
async function computeCells(search: Search): Promise<Failure | undefined> {
  const waiting = inLine(search);
  let fault: Failure | undefined;
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined && fault === undefined; job = waiting.shift()) {
      const { fold, fit, index } = job;
      const missing = fit.members.filter((trial) => isNeeded(search, trial, fold));
      if (missing.length === 0) search.progress.skip(index);
      else fault ??= await computeJob(search, job, missing);
      if (fault === undefined) search.request.onSettled(scoresOf(search), waiting);
    }
  };
  await Promise.all(Array.from({ length: search.request.pool.workers }, work));
  return fault;
}

/**
 * The costly fits first: what is left at the end, when a worker may have nothing to do, is small then (Graham, 1969). Whether a
 * candidate can be left out follows from those before it in the grid, so with pruning that order is kept.
 */
function inLine({ jobs, request: { prunable, costOf } }: Search): Job[] {
  if (prunable > 0) return [...jobs];
  const costs = new Map(jobs.map(({ fit }) => [fit, costOf(fit.settings)]));
  return [...jobs].sort((a, b) => (costs.get(b.fit) ?? 0) - (costs.get(a.fit) ?? 0));
}

/** One fit, scored for all candidates it serves that are still wanted. */
async function computeJob(search: Search, job: Job, missing: readonly number[]): Promise<Failure | undefined> {
  const { request, progress } = search;
  const { pool, task, tried, memo, engine } = request;
  const settingsOf = (trial: number): Settings => tried[trial] as Settings;
  const longest = settingsOf(missing.at(-1) ?? 0);
  const scoreAt = missing.map((trial) => settingsOf(trial).epochs);
  const input: CellInput = { ...splitOf(request), settings: longest, fold: job.fold, engine, scoreAt };
  const first = missing[0] ?? 0;
  const result = await pool.call({
    task,
    input: input as unknown as Json,
    seed: cellSeed(request, job),
    onProgress: (detail) =>
      progress.within(job.index, { trial: first, fold: job.fold }, (detail as { readonly share: number }).share),
  });
  if (!result.ok && isFatal(result.failure)) return result.failure;
  missing.forEach((trial, at) => {
    const memory = memoryOf(result, { at, isLongest: at === missing.length - 1 });
    // A worker that died may live the next time; what a fit came to stays what it is.
    if (result.ok) memo.remember(cellIdentity(request, job, settingsOf(trial)), memory as unknown as Json);
    settle(search, { ...memory, trial, fold: job.fold, reused: false });
  });
  progress.finish(job.index, result.ok ? result.value.usage.wallMs : 0);
  return undefined;
}

/** A fault of the data or of the run, not of a candidate: no other cell would fare better. */
const isFatal = ({ code }: Failure): boolean =>
  [
    'DATA_',
    'STAGE_INTERRUPTED',
    'TASK_UNKNOWN',
    'TRAIN_BAD_VALUE',
    'TRAIN_BAD_FEATURES',
    'TRAIN_TOO_FEW_',
    'TRAIN_ENGINE_',
  ].some((start) => code.startsWith(start));

const NO_USAGE: TaskUsage = { wallMs: 0, cpuMs: 0, peakMemoryBytes: null };

function memoryOf(
  result: Result<TaskAnswer, Failure>,
  { at, isLongest }: { at: number; isLongest: boolean },
): CellMemory {
  const { wallMs, cpuMs, peakMemoryBytes } = result.ok && isLongest ? result.value.usage : NO_USAGE;
  const spent = { durationMs: wallMs, cpuMs, peakMemoryBytes };
  if (!result.ok) return { status: 'failed', score: null, ...spent, error: failureText(result.failure) };
  const { score, error } = (result.value.value as unknown as readonly CellScore[])[at] as CellScore;
  if (score === null) return { status: 'failed', score, ...spent, error: error ?? '' };
  return { status: 'succeeded', score, ...spent };
}
