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
  call(call: TaskCall): Promise<Result<Json, Failure>>;
  close(): Promise<void>;
}
