import type { Key } from '../cache/key.ts';
import type { Failure } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import type { ArtifactUse } from '../runlog/attempts.ts';
import type { ResolvedDep } from './resolve-deps.ts';
import type { RunRecord } from './run-record.ts';
import type { StageCode } from './stage-code.ts';
import type { StageOutcome } from './stage-process.ts';

export interface AttemptInputs {
  readonly record: RunRecord;
  readonly stage: Stage;
  readonly code: StageCode;
  readonly key: Key;
  readonly deps: Readonly<Record<string, ResolvedDep>>;
  /** The attempt that made what stands for a stage before it. */
  readonly attemptOf: (stage: string) => number | undefined;
  readonly why: string;
  /** Which try of the stage in this run it is, from 1. */
  readonly number: number;
  /** The deps as they are now: what lies outside the store may change while the stage runs. */
  readonly depsNow: () => Promise<Readonly<Record<string, ResolvedDep>> | undefined>;
}

/** What an execution came to before it is on record. */
export interface Made {
  readonly outcome: StageOutcome;
  /** Undefined when it did all it had to and its outs are in the store. */
  readonly failure: Failure | undefined;
  readonly outs: readonly ArtifactUse[];
}
