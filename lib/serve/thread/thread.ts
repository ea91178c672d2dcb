import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Failure, failure } from '../../domain/failure.ts';
import { silenceRuntime } from '../../ml/onnx/runtime.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { KilledThreads } from './killed-threads.ts';
import { BELL, type FromThread, type ThreadReady, type ThreadStart } from './messages.ts';

/** What a batch came to. */
export type BatchOutcome =
  | { readonly ok: true; readonly ms: number }
  | { readonly ok: false; readonly problem: string };

/** A thread that answers for one version. */
export interface AnsweringThread {
  readonly ready: ThreadReady;
  /** Answers the first rows of its shared memory, one batch at a time: nobody touches the memory until `done` is called. */
  ask(rows: number, done: (outcome: BatchOutcome) => void): void;
  /** Calls `done` now where the batch is answered by now, and else does nothing: within a turn no message is received. */
  look(): void;
  /** Ends it when it has answered what it was asked; at once after a while. */
  close(): Promise<void>;
  /** Ends it at once, and says why: it does not answer any more. */
  kill(problem: string): void;
}

/** Says when a thread has taken too long to be ready. */
export interface Patience {
  readonly signal: AbortSignal;
  /** Milliseconds it had. */
  readonly ms: number;
}

export interface OpenThread extends ThreadStart {
  /** The built entry of a thread. */
  readonly file: string;
  /** Told when the thread ends without having been closed, once it was ready. */
  readonly onDeath: (fault: Failure) => void;
  /** Ends it at once, also while it loads its model. */
  readonly signal?: AbortSignal;
  /** Gives it up where it is not ready by then. */
  readonly patience?: Patience;
  /** Where those are noted that do not end at once. */
  readonly killed: KilledThreads;
}

/**
 * Milliseconds in which the event loop looks for an answer in each of its turns before it sleeps, where one row at a time is asked for:
 * being woken takes longer than a small model does, and nothing else needs the core. With only one core the model does.
 */
const WATCHING_MS = availableParallelism() > 1 ? 0.2 : 0;

/** Batches of one row in a row after which more of them are expected. */
const SINGLES = 4;

/** How long a thread may take to end by itself, in milliseconds. */
const CLOSING_MS = 5000;

/** Starts a thread and waits until its model is loaded, warm and tested. */
export function openThread({
  file,
  onDeath,
  signal,
  patience,
  killed,
  ...start
}: OpenThread): Promise<Result<AnsweringThread, Failure>> {
  silenceRuntime();
  const worker = new Worker(file, {
    // It makes little garbage; left alone it would set tens of megabytes aside for it.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
    workerData: start satisfies ThreadStart,
  });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const { folder } = start;
  return new Promise((resolve) => {
    let asked: ((outcome: BatchOutcome) => void) | undefined;
    let batch = 0;
    let singles = 0;
    let thread: AnsweringThread | undefined;
    let isClosing = false;
    let isDead = false;
    let problem = 'it gave no reason';
    let tellEnded: () => void = () => undefined;
    const isOver = new Promise<void>((over) => {
      tellEnded = over;
    });
    const settle = (outcome: BatchOutcome): void => {
      const done = asked;
      asked = undefined;
      done?.(outcome);
    };
    const ring = ({ shared: { bell } }: ThreadReady, value: number): void => {
      Atomics.store(bell, 0, value);
      Atomics.notify(bell, 0);
    };
    const look = ({ shared: { answered, took } }: ThreadReady): void => {
      if (asked !== undefined && Atomics.load(answered, 0) === batch) settle({ ok: true, ms: took[0] ?? 0 });
    };
    const watch = (ready: ThreadReady, untilMs: number): void => {
      look(ready);
      if (asked !== undefined && performance.now() < untilMs) return void setImmediate(watch, ready, untilMs);
      Atomics.store(ready.shared.watched, 0, 0);
      // It may have answered just before it could know that nobody looks any more.
      look(ready);
    };
    const threadOf = (ready: ThreadReady): AnsweringThread => ({
      ready,
      ask: (rows, done) => {
        if (isDead) return done({ ok: false, problem });
        asked = done;
        batch += 1;
        singles = rows === 1 ? singles + 1 : 0;
        const isWatched = singles > SINGLES && WATCHING_MS > 0;
        if (isWatched) Atomics.store(ready.shared.watched, 0, 1);
        ring(ready, rows);
        if (isWatched) setImmediate(watch, ready, performance.now() + WATCHING_MS);
      },
      look: () => look(ready),
      close: async () => {
        isClosing = true;
        ring(ready, BELL.close);
        const late = setTimeout(kill, CLOSING_MS, 'it was closed, and did not end');
        await isOver;
        clearTimeout(late);
      },
      kill,
    });
    /** What it would still say is not heard any more. It may go on for a while: terminating it does not end a system call. */
    const end = (fault: Failure): void => {
      if (isDead) return;
      isDead = true;
      signal?.removeEventListener('abort', stop);
      patience?.signal.removeEventListener('abort', giveUp);
      tellEnded();
      settle({ ok: false, problem });
      if (isClosing) return;
      if (thread === undefined) resolve(err(fault));
      else onDeath(fault);
    };
    const terminate = (fault: Failure): void => {
      if (isDead) return;
      void worker.terminate();
      killed.note(folder, exited);
      end(fault);
    };
    const kill = (why: string): void => {
      problem = why;
      terminate(failure('SERVE_THREAD_DIED', { folder, problem }));
    };
    const stop = (): void => kill('the server stops');
    const giveUp = (): void => {
      if (thread === undefined) terminate(failure('SERVE_LOAD_TIMEOUT', { folder, ms: patience?.ms ?? 0 }));
    };
    signal?.addEventListener('abort', stop);
    patience?.signal.addEventListener('abort', giveUp);
    worker.on('message', (message: FromThread) => {
      if (isDead) return;
      switch (message.type) {
        case 'ready':
          thread = threadOf(message);
          return resolve(ok(thread));
        case 'refused':
          isClosing = true;
          return resolve(err(message.failure));
        case 'answered':
          // It may have been seen before it was told.
          return message.batch === batch ? thread?.look() : undefined;
        default:
          return message.batch === batch ? settle({ ok: false, problem: message.problem }) : undefined;
      }
    });
    worker.on('error', (error) => {
      problem = error instanceof Error ? error.message : String(error);
    });
    worker.on('exit', () => end(failure('SERVE_THREAD_DIED', { folder, problem })));
  });
}
