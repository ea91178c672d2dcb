import { Worker } from 'node:worker_threads';
import type { CommitOutcome, LogWriter } from './live-log.ts';
import type { FromLogThread, ToLogThread } from './log-messages.ts';

export interface LogThreadOptions {
  /** The built entry of the thread. */
  readonly file: string;
  /** What the thread is started with. */
  readonly start: object;
}

/** The thread that writes the log. */
export interface LogThread extends LogWriter {
  /** Starts it, unless it was started or closed before. */
  start(): void;
}

/**
 * A thread of its own for the log: syncing a disk takes milliseconds, and no request waits for that. It is started when it is needed,
 * and again when it has died; `start` has it ready before.
 */
export function createLogThread({ file, start }: LogThreadOptions): LogThread {
  let worker: Worker | undefined;
  let isClosed = false;
  let expired = { inputs: 0, answers: 0 };
  let settle: ((outcome: CommitOutcome) => void) | undefined;

  const finish = (outcome: CommitOutcome): void => {
    const done = settle;
    settle = undefined;
    done?.(outcome);
  };

  const open = (): Worker => {
    // Left alone it would set tens of megabytes aside for its garbage.
    const made = new Worker(file, { workerData: start, resourceLimits: { maxYoungGenerationSizeMb: 8 } });
    let problem = 'the thread that writes the log has ended';
    made.on('message', (message: FromLogThread) => {
      if (message.type === 'outcome') finish(message.outcome);
      else expired = { inputs: expired.inputs + message.inputs, answers: expired.answers + message.answers };
    });
    made.on('error', (error) => {
      problem = error instanceof Error ? error.message : String(error);
    });
    made.on('exit', () => {
      if (worker === made) worker = undefined;
      finish({ kind: 'later', problem });
    });
    return made;
  };

  const tell = (to: Worker, message: ToLogThread): void => to.postMessage(message);

  return {
    start: () => {
      if (!isClosed) worker ??= open();
    },
    commit: (writes) =>
      new Promise((resolve) => {
        settle = resolve;
        worker ??= open();
        tell(worker, { type: 'write', writes });
      }),
    expired: () => expired,
    close: async () => {
      isClosed = true;
      const last = worker;
      if (last === undefined) return;
      const ended = new Promise<void>((resolve) => last.once('exit', () => resolve()));
      tell(last, { type: 'close' });
      await ended;
    },
  };
}
