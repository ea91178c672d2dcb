import type { EngineChoice } from '../domain/engine.ts';
import { type Failure, failure, failureText } from '../domain/failure.ts';
import type { Candidate } from '../domain/model.ts';
import type { FoldRecord, TrialRecord } from '../domain/records.ts';
import type { TaskPool } from '../domain/tasks.ts';
import { type Settings, withCandidate } from '../ml/settings.ts';
import { canonicalJson, type Json } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
import { childSeed } from '../util/seed.ts';
import type { CellInput, CellOutput } from './cell.ts';
import { createSearchProgress, type SearchProgress } from './progress.ts';
import { bestIndex, type CandidateScore, scoreCandidates } from './scores.ts';
import { splitSeedOf } from './search-rows.ts';

export interface SearchRequest {
  readonly pool: TaskPool;
  /** Name of the stage's task that computes a cell. */
  readonly task: string;
  readonly candidates: readonly Candidate[];
  /** What a candidate does not name. */
  readonly baseline: Settings;
  readonly folds: number;
  readonly rows: number | null;
  readonly seed: number;
  readonly engine: EngineChoice;
  readonly onFold: (record: FoldRecord) => void;
  readonly onProgress: (progress: SearchProgress) => void;
}

/** What a search found; `trials` are in grid order, the reference (when there is one) last. */
export interface SearchOutcome {
  readonly trials: readonly TrialRecord[];
  readonly scores: readonly CandidateScore[];
  readonly winner: number;
  readonly winnerSettings: Settings;
  /** Mean and deviation of the baseline's own setting. */
  readonly baselineScore: CandidateScore | undefined;
}

/** Scores every candidate on the same folds and picks the winner. The answer does not depend on the pool's size. */
export async function gridSearch(request: SearchRequest): Promise<Result<SearchOutcome, Failure>> {
  const { candidates, baseline } = request;
  const settings = candidates.map((candidate) => withCandidate(baseline, candidate));
  const own = settings.findIndex((setting) => canonicalJson(setting as Json) === canonicalJson(baseline as Json));
  // The baseline is measured on the same folds even where the grid does not hold it, but it cannot win.
  const tried = own < 0 ? [...settings, baseline] : settings;
  const cells = await runCells(request, tried);
  const failed = cells
    .flat()
    .find((result) => !result.ok && result.failure.code !== 'TRAIN_DIVERGED' && isFatal(result.failure));
  if (failed !== undefined && !failed.ok) return err(failed.failure);
  const values = cells.map((folds) => folds.map((result) => (result.ok ? result.value.score : null)));
  const scores = scoreCandidates(values.slice(0, candidates.length));
  const winner = bestIndex(scores);
  if (winner === undefined)
    return err(failure('SEARCH_ALL_FAILED', { trials: candidates.length, first: firstFailure(cells) }));
  const reference = own < 0 ? scoreCandidates(values.slice(candidates.length))[0] : undefined;
  const trials = scores.map((score, trial) =>
    toTrial({ score, trial, params: candidates[trial] ?? {}, winner: trial === winner, reference: false }),
  );
  if (reference !== undefined) {
    const score = { ...reference, rank: candidates.length + 1 };
    trials.push(toTrial({ score, trial: candidates.length, params: {}, winner: false, reference: true }));
  }
  const winnerSettings = settings[winner] as Settings;
  return ok({ trials, scores, winner, winnerSettings, baselineScore: reference ?? scores[own] });
}

/** A fault of the data or of the run, not of a candidate: no other cell would fare better. */
const isFatal = ({ code }: Failure): boolean =>
  code.startsWith('DATA_') || code === 'STAGE_INTERRUPTED' || code === 'TASK_UNKNOWN';

type CellResult = Result<CellOutput, Failure>;

function runCells(request: SearchRequest, tried: readonly Settings[]): Promise<CellResult[][]> {
  const { folds, pool, onFold } = request;
  const progress = createSearchProgress(tried.length, folds, request.onProgress);
  return Promise.all(
    tried.map((settings, trial) =>
      Promise.all(
        Array.from({ length: folds }, async (_, fold): Promise<CellResult> => {
          const input: CellInput = { ...cellBase(request), settings, fold };
          // From content, so that neither order nor position in the grid changes what a cell computes.
          const seed = childSeed(request.seed, `cell/${canonicalJson(settings as Json)}/${fold}`);
          const result = (await pool.call({
            task: request.task,
            input: input as unknown as Json,
            seed,
            onProgress: (detail) => progress.within(trial, fold, (detail as { readonly share: number }).share),
          })) as CellResult;
          onFold(toFold({ trial, fold, result }));
          progress.finished(trial, fold, result.ok ? result.value.score : null);
          return result;
        }),
      ),
    ),
  );
}

const cellBase = ({ folds, rows, seed, engine }: SearchRequest): Omit<CellInput, 'settings' | 'fold'> => ({
  folds,
  rows,
  splitSeed: splitSeedOf(seed),
  engine,
});

function toFold({ trial, fold, result }: { trial: number; fold: number; result: CellResult }): FoldRecord {
  return result.ok
    ? { trial, fold, status: 'succeeded', score: result.value.score, durationMs: result.value.durationMs }
    : { trial, fold, status: 'failed', score: null, durationMs: 0, error: failureText(result.failure) };
}

interface TrialParts {
  readonly score: CandidateScore;
  readonly trial: number;
  readonly params: Candidate;
  readonly winner: boolean;
  readonly reference: boolean;
}

function toTrial({ score, trial, params, winner, reference }: TrialParts): TrialRecord {
  const { mean, std, rank } = score;
  return { trial, params, status: mean === null ? 'failed' : 'succeeded', mean, std, rank, winner, reference };
}

function firstFailure(cells: readonly (readonly CellResult[])[]): string {
  const failed = cells.flat().find((result) => !result.ok);
  return failed === undefined || failed.ok ? '' : failureText(failed.failure);
}
