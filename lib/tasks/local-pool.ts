import { type ChildProcess, fork } from 'node:child_process';
import { type Failure, failure } from '../domain/failure.ts';
import type { TaskAnswer, TaskCall, TaskPool } from '../domain/tasks.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/** How often a call is tried when the worker dies under it; a call that kills every worker must end, too. */
const TRIES = 3;

const INTERRUPTED = err(failure('STAGE_INTERRUPTED', {}));

export interface LocalPoolOptions {
  /** The stage's bundle, which exports the tasks. */
  readonly bundle: string;
  /** The entry file of a worker process. */
  readonly hostFile: string;
  readonly workers: number;
  readonly deps: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

interface Job {
  readonly call: TaskCall;
  readonly settle: (result: Result<TaskAnswer, Failure>) => void;
  tries: number;
}

interface Worker {
  readonly process: ChildProcess;
  job: Job | undefined;
  /** Number of the call that it was given last. */
  call: number;
}

/** A pool of processes on this machine: started when first needed, warm until closed, replaced when they die. */
export function createLocalPool(options: LocalPoolOptions): TaskPool {
  const waiting: Job[] = [];
  const workers = new Set<Worker>();
  let isClosed = false;
  let calls = 0;

  const start = (): Worker => {
    const child = fork(options.hostFile, [], {
      // A debugger listens to the stage; at its port there is no room for a worker.
      execArgv: process.execArgv.filter((option) => !option.startsWith('--inspect')),
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const worker: Worker = { process: child, job: undefined, call: 0 };
    workers.add(worker);
    child.on('message', (message) => receive(worker, message as FromWorker));
    child.on('error', ({ message }) => {
      // Of a process that could not be started no end is ever told.
      if (child.pid === undefined) bury(worker, `before it had begun: ${message}`);
      else child.kill('SIGKILL');
    });
    child.on('exit', (code, signal) => bury(worker, signal === null ? `with status ${code}` : `by ${signal}`));
    send(worker, { type: 'begin', bundle: options.bundle, deps: options.deps });
    return worker;
  };

  const receive = (worker: Worker, message: FromWorker): void => {
    const { job } = worker;
    // A task may still tell of itself when it has been answered, and another call has begun.
    if (job === undefined || message.id !== worker.call) return;
    if (message.type === 'progress') return job.call.onProgress?.(message.detail);
    worker.job = undefined;
    job.settle(message.type === 'result' ? ok(message.answer) : err(message.failure));
    dispatch();
  };

  /** A dead worker's call goes to the front of the line, until it has been tried often enough. */
  const bury = (worker: Worker, how: string): void => {
    workers.delete(worker);
    const { job } = worker;
    worker.job = undefined;
    if (job === undefined) return;
    if (isClosed) return job.settle(INTERRUPTED);
    if (job.tries < TRIES) waiting.unshift(job);
    else job.settle(err(failure('TASK_WORKER_DIED', { task: job.call.task, tries: job.tries, how })));
    dispatch();
  };

  const dispatch = (): void => {
    while (waiting.length > 0 && !isClosed) {
      const free = [...workers].find((worker) => worker.job === undefined);
      if (free === undefined && workers.size >= options.workers) return;
      const worker = free ?? start();
      const job = waiting.shift();
      if (job === undefined) return;
      job.tries += 1;
      worker.job = job;
      const { task, input, seed } = job.call;
      calls += 1;
      worker.call = calls;
      send(worker, { type: 'call', id: calls, task, input, seed });
    }
  };

  const stop = (): void => {
    isClosed = true;
    for (const job of waiting.splice(0)) job.settle(INTERRUPTED);
    for (const worker of workers) worker.process.kill('SIGKILL');
  };
  options.signal.addEventListener('abort', stop, { once: true });

  return {
    workers: options.workers,
    start: (expected) => {
      while (workers.size < Math.min(expected, options.workers) && !isClosed) start();
    },
    call: (call) =>
      new Promise((settle) => {
        if (isClosed) return settle(INTERRUPTED);
        waiting.push({ call, settle, tries: 0 });
        dispatch();
      }),
    close: async () => {
      options.signal.removeEventListener('abort', stop);
      const gone = [...workers].map(
        ({ process: child }) =>
          new Promise((resolve) =>
            child.pid !== undefined && child.exitCode === null && child.signalCode === null
              ? child.once('exit', resolve)
              : resolve(undefined),
          ),
      );
      stop();
      await Promise.all(gone);
    },
  };
}

function send({ process: child }: Worker, message: ToWorker): void {
  // A worker that is gone is buried when its exit is told.
  if (child.connected) child.send(message, () => undefined);
}
