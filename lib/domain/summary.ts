import type { JsonObject } from '../util/json.ts';
import type { EngineChoice } from './engine.ts';
import type { GateRecord } from './gate.ts';
import type { DecisionRecord, NoteRecord } from './records.ts';

/** One model a run speaks of, with what is known of it. */
export interface SummaryModel {
  /** 'baseline', 'optimised'. */
  readonly name: string;
  /** Mean and population standard deviation over the folds. */
  readonly cv: { readonly mean: number; readonly std: number | null } | null;
  readonly test: { readonly accuracy: number | null; readonly macroF1: number | null } | null;
  /** The setting, where a search chose it. */
  readonly params: JsonObject | null;
}

/** The rows a run really used, as the stage that got them recorded it. */
export interface DatasetUsed {
  readonly source: string;
  readonly rows: number;
  readonly train: number;
  readonly test: number;
  readonly generated: boolean;
  /** Why these and not what was asked for; empty when they are what was asked for. */
  readonly note: string;
}

/** What the store holds, in bytes. */
export interface ArtifactsSize {
  readonly all: number;
  /** Of it, what this run added. */
  readonly added: number;
  /** Of it, what no kept run, version or alias needs. */
  readonly freeable: number;
}

export interface GateOutcome {
  /** `passed`: no gate refused; where a deployment was in question, the model went live. */
  readonly verdict: 'passed' | 'refused' | 'kept' | 'already live' | 'overridden';
  /** What was not proven, or what the person who overrode the gates said; empty where there is nothing to say. */
  readonly reason: string;
}

/** What a run came to, read from its rows alone. */
export interface RunSummary {
  readonly run: number | string;
  readonly parent: number | string | null;
  readonly dataset: DatasetUsed | null;
  readonly engine: EngineChoice | null;
  readonly models: readonly SummaryModel[];
  readonly gates: readonly GateRecord[];
  /** What the gates came to; null where there were none. */
  readonly outcome: GateOutcome | null;
  /** The version that answers now, and whether this run put it there. */
  readonly deployed: { readonly line: string; readonly version: number; readonly byThisRun: boolean } | null;
  readonly notes: readonly NoteRecord[];
  readonly decision: DecisionRecord | null;
  /** Of a follow-up run: what it came to beside the run that led to it; empty for others. */
  readonly round: readonly string[];
  /** What to type next. */
  readonly next: readonly string[];
  readonly artifacts: ArtifactsSize;
}
