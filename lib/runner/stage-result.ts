import type { StageEndStatus } from '../domain/event.ts';
import type { Failure } from '../domain/failure.ts';
import type { Sha256 } from '../util/hash.ts';

/** How a stage of a run came out. */
export interface StageResult {
  readonly stage: string;
  readonly status: StageEndStatus;
  /** Hash of every out, by name; empty when there are none. */
  readonly outs: Readonly<Record<string, Sha256>>;
  /** The attempt that made the outs; undefined when there are none. */
  readonly madeBy: number | undefined;
  readonly failure: Failure | undefined;
  /** Why a follow-up run is wanted; undefined when it is not. */
  readonly next: string | undefined;
}

export type StageResults = ReadonlyMap<string, StageResult>;
