import type { Json, JsonObject } from '../util/json.ts';
import type { GateRecord } from './gate.ts';
import type { DeploymentKind } from './ledger.ts';
import type { DecisionRecord, FoldRecord, MetricRecord, NoteRecord, TrialRecord } from './records.ts';

/** One stage's turn in a run. */
export interface StageView {
  readonly stage: string;
  readonly status: string;
  readonly why: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Of the execution in this run; 0 when nothing was executed, null while it runs. */
  readonly durationMs: number | null;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  /** The run whose execution made the outs; this run's own number when it executed. */
  readonly madeByRun: number | string;
  /** The failure's message, null without one. */
  readonly failure: string | null;
  /** Log file, relative to the state folder. */
  readonly log: string | null;
}

export interface ParamView {
  readonly stage: string;
  readonly name: string;
  readonly value: Json;
}

/** `value` of a metric that is no number is its name: 'nan', 'inf', '-inf'. */
export type MetricView = Omit<MetricRecord, 'value'> & { readonly stage: string; readonly value: number | string };

export interface ArtifactView {
  readonly stage: string;
  readonly name: string;
  readonly kind: string;
  readonly hash: string;
  readonly sizeBytes: number;
}

/** A move of an alias that this run made. */
export interface DeploymentView {
  readonly line: string;
  readonly alias: string;
  readonly kind: DeploymentKind;
  readonly reason: string;
  readonly from: number | null;
  readonly to: number;
}

/** One run as people see it: its rows, and for stages it did not execute the rows of the run that did. */
export interface RunView {
  /** Its number; of one that was made elsewhere the name of that log and its number there: 'ci:41'. */
  readonly run: number | string;
  readonly uid: string;
  readonly status: string;
  readonly exitCode: number | null;
  readonly pipeline: string;
  readonly trigger: string;
  readonly verb: string;
  readonly parent: number | string | null;
  readonly round: number;
  readonly profile: string | null;
  readonly overrides: JsonObject;
  readonly seed: number;
  readonly gitCommit: string | null;
  readonly gitDirty: string | null;
  readonly host: string;
  readonly versions: JsonObject;
  readonly startedAt: number;
  readonly durationMs: number | null;
  readonly params: readonly ParamView[];
  readonly stages: readonly StageView[];
  readonly metrics: readonly MetricView[];
  readonly trials: readonly (TrialRecord & { readonly stage: string; readonly folds: readonly FoldRecord[] })[];
  /** In the order of the gates; of a check that was made twice the last. */
  readonly gates: readonly GateRecord[];
  readonly decision: DecisionRecord | null;
  readonly notes: readonly NoteRecord[];
  readonly used: { readonly dataset: Json | null; readonly engine: Json | null };
  readonly artifacts: readonly ArtifactView[];
  readonly deployments: readonly DeploymentView[];
  /** Why the champion was left where it was; null where it was not a question, or was moved. */
  readonly kept: string | null;
}
