import type { Failure } from '../domain/failure.ts';
import type { TaskAnswer } from '../domain/tasks.ts';
import type { Json } from '../util/json.ts';

/** From the pool to a worker. */
export type ToWorker =
  | { readonly type: 'begin'; readonly bundle: string; readonly deps: Readonly<Record<string, string>> }
  | { readonly type: 'call'; readonly id: number; readonly task: string; readonly input: Json; readonly seed: number };

/** From a worker to the pool. */
export type FromWorker =
  | { readonly type: 'progress'; readonly id: number; readonly detail: Json }
  | { readonly type: 'result'; readonly id: number; readonly answer: TaskAnswer }
  | { readonly type: 'failed'; readonly id: number; readonly failure: Failure };
