import { recordUnexecuted, type Unexecuted } from '../runlog/attempts.ts';
import type { RunLog } from '../runlog/open.ts';
import { insertRun, type NewRun, nextRun } from '../runlog/runs.ts';
import { faultPoint } from '../util/fault.ts';

/** A run's rows on their way into the log. */
export interface RunRecord {
  /** The run's number. */
  readonly run: number;
  /** Keeps a turn that led to no execution for the next transaction. */
  turn(turn: Omit<Unexecuted, 'run'>): void;
  /** Runs `work` in one transaction, behind the run's own row and all turns that wait. */
  write<T>(work: () => T): T;
}

/**
 * Begins a run's record under the run lock. Nothing is written before it has to be: a run with nothing to do is one
 * transaction, and one that is killed before it did anything leaves no trace.
 */
export function beginRecord(log: RunLog, about: () => NewRun): RunRecord {
  const run = nextRun(log);
  let isOnRecord = false;
  let waiting: Unexecuted[] = [];
  return {
    run,
    turn: (turn) => {
      waiting.push({ ...turn, run });
    },
    write: (work) => {
      const result = log.atomically(() => {
        if (!isOnRecord) insertRun(log, run, about());
        for (const turn of waiting) recordUnexecuted(log, turn);
        return work();
      });
      const isFirst = !isOnRecord;
      isOnRecord = true;
      waiting = [];
      if (isFirst) faultPoint('run.recorded');
      return result;
    },
  };
}
