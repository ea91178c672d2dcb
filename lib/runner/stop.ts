import { type Failure, failure } from '../domain/failure.ts';
import { after } from '../util/after.ts';
import { formatDuration } from '../util/duration.ts';
import { endGroup, endMarked } from './process-tree.ts';

/** How long a process may take to end by itself once it is asked to, in milliseconds. */
const GRACE_MS = 3000;

export interface Stoppable {
  readonly pid: number | undefined;
  /** What every process of the attempt carries. */
  readonly mark: string;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
  /** Told why, before anything is ended. */
  readonly onStop: (reason: Failure) => void;
}

/** Watches a process: on timeout, or when the run is cancelled, its group is ended politely, and firmly after a while. */
export interface StopWatch {
  /** Ends the watch, and whatever the process left behind. */
  end(): void;
}

export function watchToStop({ pid, mark, timeoutMs, signal, onStop }: Stoppable): StopWatch {
  const timers: (() => void)[] = [];
  let isStopping = false;
  const stop = (reason: Failure): void => {
    if (isStopping) return;
    isStopping = true;
    onStop(reason);
    if (pid === undefined) return;
    endGroup(pid, 'SIGTERM');
    timers.push(after(GRACE_MS, () => endGroup(pid, 'SIGKILL')));
  };
  const cancel = (): void => stop(failure('STAGE_INTERRUPTED', {}));
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  if (timeoutMs !== undefined) {
    const limit = formatDuration(timeoutMs);
    timers.push(after(timeoutMs, () => stop(failure('STAGE_TIMED_OUT', { limit }))));
  }
  return {
    end: () => {
      signal.removeEventListener('abort', cancel);
      for (const callOff of timers) callOff();
      // Whatever the stage started and left behind ends with it, also where it left the group.
      if (pid !== undefined) endGroup(pid, 'SIGKILL');
      endMarked(mark, 'SIGKILL');
    },
  };
}
