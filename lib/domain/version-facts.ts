import type { JsonObject } from '../util/json.ts';
import type { Provenance } from './dataset.ts';
import type { ModelEvaluation } from './evaluation.ts';

/** Rows of one source, and under which terms they may be used. */
export interface SourceFacts extends Provenance {
  /** Null where nobody has said. */
  readonly licence: string | null;
}

/** A dataset a version learned from. */
export interface DatasetFacts {
  /** The stage that read it, and its dep's name there. */
  readonly stage: string;
  readonly name: string;
  readonly hash: string;
  /** Null, with no sources, where the store no longer has it. */
  readonly rows: number | null;
  readonly sources: readonly SourceFacts[];
}

/** How a version did on the frozen test set when it was deployed. */
export interface EvaluationFacts extends Pick<ModelEvaluation, 'overall' | 'perClass' | 'confusion'> {
  readonly rows: number;
  readonly classes: readonly string[];
}

/** The run that made a version, wherever that was. */
export interface MadeBy {
  readonly run: number;
  /** Tells the run from those of other logs. */
  readonly uid: string;
  readonly gitCommit: string | null;
  /** True when the code had changes that were not committed. */
  readonly isDirty: boolean;
}

/** What is known of a version beyond its files; it leaves with them, so it names no machine and no person. */
export interface VersionFacts {
  readonly made: MadeBy;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly metrics: JsonObject;
  readonly evaluation: EvaluationFacts | null;
  /** The nearest first. */
  readonly data: readonly DatasetFacts[];
  /** Labels of accepted feedback: of what was held out, repeated or left out, too. */
  readonly labels: number;
  /** What was read, and whose code ran, on the way to it; without labels. */
  readonly lineage: readonly {
    readonly stage: string;
    readonly what: string;
    readonly name: string;
    readonly hash: string;
  }[];
}

/** The version somewhere else that an imported one was. */
export interface ImportedFrom {
  readonly line: string;
  readonly version: number;
  readonly facts: VersionFacts;
}
