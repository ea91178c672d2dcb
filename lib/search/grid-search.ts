import { type Failure, failure } from '../domain/failure.ts';
import type { Candidate } from '../domain/model.ts';
import type { FoldRecord, TrialRecord } from '../domain/records.ts';
import { type Settings, withCandidate } from '../ml/settings.ts';
import { canonicalJson, type Json } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
import { fitCost } from './fit-cost.ts';
import type { Standing } from './refit-ahead.ts';
import { type CellsRequest, runCells } from './run-cells.ts';
import { type CandidateScore, scoreCandidates } from './scores.ts';
import { chooseWinner, type WinnerRule } from './winner.ts';

export interface SearchRequest extends Omit<CellsRequest, 'tried' | 'prunable' | 'costOf' | 'onSettled'> {
  readonly candidates: readonly Candidate[];
  /** What a candidate does not name. */
  readonly baseline: Settings;
  /** Whether candidates that cannot win any more are left out, where the best wins. */
  readonly prune: boolean;
  readonly rule: WinnerRule;
  /** How many numbers a setting's model learns. */
  readonly weightsOf: (settings: Settings) => number;
  /** Told how the search stands, for a refit that begins before its end. */
  readonly onStanding: (standing: Standing) => void;
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
  const { candidates, baseline, rule, weightsOf } = request;
  const settings = candidates.map((candidate) => withCandidate(baseline, candidate));
  const own = settings.findIndex((setting) => canonicalJson(setting as Json) === canonicalJson(baseline as Json));
  // The baseline is measured on the same folds even where the grid does not hold it, but it cannot win.
  const tried = own < 0 ? [...settings, baseline] : settings;
  // By another rule one that cannot be the best may win all the same.
  const prunable = request.prune && rule === 'best' ? candidates.length : 0;
  const weights = new Map(tried.map((setting) => [setting, weightsOf(setting)]));
  const sizes = settings.map((setting) => ({ weights: weights.get(setting) ?? 0, epochs: setting.epochs }));
  const winnerOf = (scores: readonly CandidateScore[]): number | undefined => chooseWinner({ rule, scores, sizes });
  const costOf = (setting: Settings): number => fitCost(setting, weights.get(setting) ?? 0);
  const ran = await runCells({
    ...request,
    tried,
    prunable,
    costOf,
    onSettled: (known, waiting) => {
      const own = known.slice(0, candidates.length);
      const leader = settings[winnerOf(scoreCandidates(own.map((folds) => folds.map((score) => score ?? null)))) ?? -1];
      if (leader === undefined) return;
      request.onStanding({
        leader,
        known: own.filter((folds) => !folds.includes(undefined)).length / own.length,
        waitingCost: waiting.reduce((sum, { fit }) => sum + costOf(fit.settings) * (1 - 1 / request.folds), 0),
        refitCost: costOf(leader),
      });
    },
  });
  if (!ran.ok) return ran;
  const cells = ran.value;
  const scoresOf = (rows: readonly (readonly FoldRecord[])[]): CandidateScore[] =>
    scoreCandidates(rows.map((folds) => folds.map(({ score }) => score)));
  const scores = scoresOf(cells.slice(0, candidates.length));
  const winner = winnerOf(scores);
  if (winner === undefined) {
    const first = cells.flat().find(({ status }) => status === 'failed')?.error ?? '';
    return err(failure('SEARCH_ALL_FAILED', { trials: candidates.length, first }));
  }
  const reference = own < 0 ? scoresOf(cells.slice(candidates.length))[0] : undefined;
  const trials = scores.map((score, trial): TrialRecord => {
    const { mean, std, rank } = score;
    const params = candidates[trial] ?? {};
    return {
      trial,
      params,
      status: statusOf(cells[trial] ?? []),
      mean,
      std,
      rank,
      winner: trial === winner,
      reference: false,
    };
  });
  if (reference !== undefined) {
    const { mean, std } = reference;
    const trial = candidates.length;
    const status = statusOf(cells[trial] ?? []);
    trials.push({ trial, params: {}, status, mean, std, rank: trial + 1, winner: false, reference: true });
  }
  return ok({
    trials,
    scores,
    winner,
    winnerSettings: settings[winner] as Settings,
    baselineScore: reference ?? scores[own],
  });
}

function statusOf(folds: readonly FoldRecord[]): TrialRecord['status'] {
  if (folds.some(({ status }) => status === 'failed')) return 'failed';
  return folds.some(({ status }) => status === 'pruned') ? 'pruned' : 'succeeded';
}
