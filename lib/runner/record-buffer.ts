import type { StageRecord } from '../domain/records.ts';
import type { RunLog } from '../runlog/open.ts';
import { insertRecords } from '../runlog/records.ts';
import { writeFaultOf } from './write-fault.ts';

/** How many records wait at most before they are written, so that a killed run keeps what it had learned. */
const BATCH = 64;

/** A stage's own code put something on record that the log has no place for. */
export class UnfitRecord extends Error {}

export interface RecordBuffer {
  add(record: StageRecord): void;
  /** Writes what waits, inside the caller's transaction if there is one. */
  flush(): void;
  /** Forgets what waits. */
  drop(): void;
}

/** Gathers an attempt's records, so that they are written many at a time. */
export function bufferRecords(log: RunLog, attempt: number): RecordBuffer {
  let waiting: StageRecord[] = [];
  const insert = (): void => {
    try {
      insertRecords(log, attempt, waiting);
    } catch (error) {
      if (writeFaultOf(error, log.file) !== undefined) throw error;
      throw new UnfitRecord(error instanceof Error ? error.message : String(error));
    }
  };
  return {
    add: (record) => {
      waiting.push(record);
      if (waiting.length < BATCH) return;
      try {
        // Let go of when they are in the log, and not when they are on their way there.
        log.atomically(insert);
        waiting = [];
      } catch (error) {
        // A disk without room, or a record that does not fit, is told when the attempt ends; until then the records wait.
        if (!(error instanceof UnfitRecord) && writeFaultOf(error, log.file) === undefined) throw error;
      }
    },
    flush: () => {
      insert();
      waiting = [];
    },
    drop: () => {
      waiting = [];
    },
  };
}
