import type { Json } from '../util/json.ts';
import type { Result } from '../util/result.ts';
import type { Failure } from './failure.ts';

/** What a task sees: the stage's deps as folders, and its own seed. */
export interface TaskContext {
  readonly deps: Readonly<Record<string, string>>;
  readonly seed: number;
  /** Tells the caller how far the task is, as often as it likes. */
  progress(detail: Json): void;
}

/** A pure function a pool worker may call: the same input and seed give the same answer anywhere. */
export type Task = (input: Json, context: TaskContext) => Promise<Json>;

/** What a call cost the worker that answered it. */
export interface TaskUsage {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** The most memory the worker held during the call; null where the system does not tell. */
  readonly peakMemoryBytes: number | null;
}

export interface TaskAnswer {
  readonly value: Json;
  readonly usage: TaskUsage;
}

/** What tasks of this very code came to on these very deps, in any run. Asking it changes nothing but the time it takes. */
export interface TaskMemo {
  /** The value of every input, in their order; null for one that was never remembered. */
  recall(inputs: readonly Json[]): Promise<readonly (Json | null)[]>;
  remember(input: Json, value: Json): void;
}

export interface TaskCall {
  readonly task: string;
  readonly input: Json;
  /** From content, never from an index or an order. */
  readonly seed: number;
  readonly onProgress?: (detail: Json) => void;
}

/** Runs many small jobs in processes that stay warm. */
export interface TaskPool {
  /** How many calls run at once. */
  readonly workers: number;
  /** Starts workers for so many calls, so that the first ones do not wait for them. */
  start(calls: number): void;
  call(call: TaskCall): Promise<Result<TaskAnswer, Failure>>;
  close(): Promise<void>;
}
