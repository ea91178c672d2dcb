import type { Asked, RetrainDecision } from './retrain.ts';
import type { RunSummary } from './summary.ts';

/** One run that a decision led to, as it ended. */
export interface RetrainRun {
  readonly run: number;
  readonly status: string;
  readonly exitCode: number;
  readonly durationMs: number;
  /** Whether nothing had changed, so that no stage was executed. */
  readonly isFresh: boolean;
  readonly summary: RunSummary;
}

/** What came of one call of `retrain`. */
export interface RetrainResult {
  readonly line: string;
  readonly asked: Asked;
  readonly profile: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Number of the decision's row. */
  readonly id: number;
  readonly decision: RetrainDecision;
  /** None where nothing was to do; follow-up runs come behind the first. */
  readonly runs: readonly RetrainRun[];
  /** The live versions before and after; null for none. */
  readonly champion: { readonly before: number | null; readonly after: number | null };
  readonly exitCode: number;
}

export const OUTCOMES = ['skipped', 'promoted', 'unchanged', 'kept', 'already_live', 'refused', 'failed'] as const;

/** What a call came to, in a word. */
export type RetrainOutcome = (typeof OUTCOMES)[number];

export function outcomeOf({ decision, runs, champion, exitCode }: RetrainResult): RetrainOutcome {
  if (decision.verdict !== 'retrain') return decision.verdict;
  if (champion.after !== champion.before) return 'promoted';
  const first = runs[0]?.summary.outcome?.verdict;
  if (first === 'refused') return 'refused';
  if (exitCode !== 0) return 'failed';
  if (runs.every(({ isFresh }) => isFresh)) return 'unchanged';
  return first === 'already live' ? 'already_live' : 'kept';
}
