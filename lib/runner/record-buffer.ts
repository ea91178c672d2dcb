import type { StageRecord } from '../domain/records.ts';
import type { RunLog } from '../runlog/open.ts';
import { insertRecords } from '../runlog/records.ts';

/** How many records wait at most before they are written, so that a killed run keeps what it had learned. */
const BATCH = 64;

export interface RecordBuffer {
  add(record: StageRecord): void;
  /** Writes what waits, inside the caller's transaction if there is one. */
  flush(): void;
}

/** Gathers an attempt's records, so that they are written many at a time. */
export function bufferRecords(log: RunLog, attempt: number): RecordBuffer {
  let waiting: StageRecord[] = [];
  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    insertRecords(log, attempt, batch);
  };
  return {
    add: (record) => {
      waiting.push(record);
      if (waiting.length >= BATCH) log.atomically(flush);
    },
    flush,
  };
}
