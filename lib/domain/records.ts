import type { Json, JsonObject } from '../util/json.ts';
import type { GateRecord } from './gate.ts';

/** A number a stage reports. Which direction is better is in metric.ts. */
export interface MetricRecord {
  readonly name: string;
  readonly value: number;
  /** Which of several models it speaks of: 'baseline', 'optimised'. */
  readonly model?: string;
  /** 'train', 'validation', 'cv', 'test', 'live'. */
  readonly split?: string;
  /** Epoch, from 1. */
  readonly step?: number;
  readonly fold?: number;
  /** The class a per-class metric speaks of. */
  readonly label?: string;
}

/** One cell of a search: one candidate on one fold. `score` is null when the fit failed or was not needed. */
export interface FoldRecord {
  readonly trial: number;
  readonly fold: number;
  readonly status: 'succeeded' | 'failed' | 'pruned';
  readonly score: number | null;
  /** True when an earlier run, or an earlier attempt of this one, had computed it. */
  readonly reused: boolean;
  /** Of the computation, whenever that was; a fit that serves several epochs is told with the longest. */
  readonly durationMs: number;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  readonly error?: string;
}

/** One candidate of a search over all its folds. */
export interface TrialRecord {
  readonly trial: number;
  readonly params: JsonObject;
  /** `pruned`: it could not have won any more, so not all its folds were computed, and it has no mean. */
  readonly status: 'succeeded' | 'failed' | 'pruned';
  readonly mean: number | null;
  readonly std: number | null;
  readonly rank: number;
  readonly winner: boolean;
  /** True for the baseline's own setting when the grid does not hold it: scored, but never the winner. */
  readonly reference: boolean;
}

/** One rule of a written decision, with what it saw. */
export interface RuleRecord {
  readonly name: string;
  readonly value: number | null;
  readonly threshold: number;
  readonly fired: boolean;
  readonly note: string;
}

export interface DecisionRecord {
  readonly verdict: 'keep' | 'retrain';
  readonly reason: string;
  readonly rules: readonly RuleRecord[];
}

/** A line for the run's summary that is true of this stage: shown under its title, in order. */
export interface NoteRecord {
  readonly title: string;
  readonly text: string;
  readonly level: 'info' | 'warning';
}

/** Everything a stage may put on record while it runs; each becomes rows of its attempt. */
export type StageRecord =
  | ({ readonly kind: 'metric' } & MetricRecord)
  | ({ readonly kind: 'fold' } & FoldRecord)
  | ({ readonly kind: 'trial' } & TrialRecord)
  | ({ readonly kind: 'gate' } & GateRecord)
  | ({ readonly kind: 'decision' } & DecisionRecord)
  | ({ readonly kind: 'note' } & NoteRecord)
  /** The dataset or engine really used, for the summary's head. */
  | { readonly kind: 'used'; readonly what: 'dataset' | 'engine'; readonly value: Json };
