import type { Static, TSchema } from 'typebox';
import type { Json, JsonObject } from '../util/json.ts';
import type { Effect } from './effects.ts';
import type { Failure } from './failure.ts';
import type { Questions, ReadName } from './questions.ts';
import type { MetricRecord, StageRecord } from './records.ts';
import type { Task, TaskMemo, TaskPool } from './tasks.ts';

export type LogLevel = 'detail' | 'info' | 'warning';

/** How far a stage is. Shown live; never stored. */
export interface Progress {
  /** What is being counted: 'epoch', 'trial', 'download train-images'. */
  readonly label: string;
  readonly current: number;
  /** Undefined when nobody knows. */
  readonly total?: number;
  /** 'bytes' shows sizes; otherwise plain numbers. */
  readonly unit?: 'bytes';
  /** What else is worth seeing: 'loss 0.21  accuracy 0.94'. */
  readonly detail?: string;
  /** Milliseconds to the end, when the stage knows better than the reporter's own guess. */
  readonly etaMs?: number;
}

/** Everything a stage can see and do. */
export interface StageContext<Params> {
  readonly stage: string;
  readonly params: Params;
  /** Absolute path of every dep, by name; undefined for an optional one that is absent. Read-only. */
  readonly deps: Readonly<Record<string, string | undefined>>;
  /** Content hash of every dep, by name; undefined for an optional one that is absent. */
  readonly hashes: Readonly<Record<string, string | undefined>>;
  /** Absolute path of every out, by name: an empty folder, or a file to write. */
  readonly outs: Readonly<Record<string, string>>;
  /** Absolute path of an empty folder for whatever else has to be written; gone when the stage ends. */
  readonly temporary: string;
  /** The project's folder; only to name places where a person may put files. */
  readonly root: string;
  /** A positive integer, the same whenever the stage's key is the same. */
  readonly seed: number;
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal;
  /** A line for the stage's log; who watches the run sees it, too, unless it is a detail. */
  log(text: string, level?: LogLevel): void;
  progress(progress: Progress): void;
  metric(name: string, value: number, where?: Omit<MetricRecord, 'name' | 'value'>): void;
  record(record: StageRecord): void;
  /** Asks the run log; the question has to be in the stage's `reads`. */
  ask<Name extends ReadName>(name: Name, input: Questions[Name]['input']): Promise<Questions[Name]['answer']>;
  /** Queues a change to the world for the moment the attempt commits; the stage has to declare `effects`. */
  effect(effect: Effect): void;
  /** Says that an optional path dep that was absent has been filled by the stage itself, which read it. */
  fetched(dep: string): void;
  /** Asks for a follow-up run. */
  next(request: { readonly reason: string }): void;
  /**
   * The memo of a task that reads these deps and nothing else of the stage but its input: whatever else decides what it
   * computes has to be in the input.
   */
  memo(task: string, deps: readonly string[]): TaskMemo;
  /** The built entry of a thread of the model server: a model is asked as it will be served. */
  readonly serveThread: string;
  /** The pool of worker processes for this stage's tasks. */
  readonly tasks: TaskPool;
  /** Ends the stage with an expected failure. */
  fail(failure: Failure): never;
}

/** A stage: what its params must be, what it asks of the log, and what it does. */
export interface StageDefinition<Schema extends TSchema> {
  readonly params: Schema;
  readonly reads?: readonly ReadName[];
  /** True when it changes the world: then it is fresh or runs, and is never restored from the store. */
  readonly effects?: boolean;
  run(context: StageContext<Static<Schema>>): Promise<void>;
}

/** What a stage's file exports. */
export interface StageModule {
  readonly default: StageDefinition<TSchema>;
  readonly tasks?: Readonly<Record<string, Task>>;
}

/** What is known of a stage without running it; read once per bundle. */
export interface StageDescription {
  readonly paramsSchema: JsonObject;
  readonly reads: readonly ReadName[];
  readonly effects: boolean;
  readonly tasks: readonly string[];
}

/** What a stage's own process cost. */
export interface Usage {
  /** Processor time, user and system, of the process and the workers it waited for. */
  readonly cpuMs: number;
  /** The most memory the process held, in bytes. */
  readonly peakMemoryBytes: number;
}

/** Which task of the stage, and which of the stage's deps it reads. */
export interface TaskIdentity {
  readonly task: string;
  readonly deps: readonly string[];
}

/** Messages from a stage's process to the runner. */
export type StageMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly level: LogLevel; readonly text: string }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'record'; readonly record: StageRecord }
  | { readonly type: 'ask'; readonly id: number; readonly name: ReadName; readonly input: Json }
  | ({ readonly type: 'recall'; readonly id: number; readonly inputs: readonly Json[] } & TaskIdentity)
  | ({ readonly type: 'remember'; readonly input: Json; readonly value: Json } & TaskIdentity)
  | { readonly type: 'effect'; readonly effect: Effect }
  | { readonly type: 'fetched'; readonly dep: string }
  | { readonly type: 'next'; readonly reason: string }
  | { readonly type: 'done'; readonly usage: Usage }
  | { readonly type: 'failed'; readonly failure: Failure; readonly usage: Usage };

/** Messages from the runner to a stage's process. */
export type RunnerMessage =
  | {
      readonly type: 'start';
      readonly bundle: string;
      readonly stage: string;
      readonly params: JsonObject;
      readonly deps: Readonly<Record<string, string | undefined>>;
      readonly hashes: Readonly<Record<string, string | undefined>>;
      readonly outs: Readonly<Record<string, string>>;
      readonly temporary: string;
      readonly root: string;
      readonly seed: number;
      readonly reads: readonly ReadName[];
      readonly workers: number;
      /** Whether the stage has tasks for them. */
      readonly hasTasks: boolean;
    }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'refused'; readonly id: number; readonly failure: Failure }
  | { readonly type: 'cancel' };
