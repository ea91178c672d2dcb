import { statSync } from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import { failureText } from '../../domain/failure.ts';
import type { LiveWrites } from '../../domain/live.ts';
import type { LogPolicy } from '../../domain/pipeline.ts';
import { writeLive } from '../../registry/write-live.ts';
import { openExistingRunLog, type RunLog } from '../../runlog/open.ts';
import type { CommitOutcome } from '../../serve/live/live-log.ts';
import type { FromLogThread, ToLogThread } from '../../serve/live/log-messages.ts';
import { systemClock } from '../../util/clock.ts';
import { classesIn } from '../classes-in.ts';
import { sweepSteps } from './sweep.ts';

export interface LogThreadStart {
  /** runs.db. */
  readonly file: string;
  /** The folder of runs.db and artifacts/. */
  readonly state: string;
  readonly policy: LogPolicy;
  /** Milliseconds between two sweeps of what waited too long for a label. */
  readonly sweepMs: number;
}

/** How long a writer waits for another one, in milliseconds: a label's sender is waiting. */
const BUSY_MS = 2000;

/**
 * Groups of so many rows are written with pauses, of milliseconds: on a machine with few cores an answer would else wait for its core until
 * all of a group is written. More rows than that have gathered because the server is asked for all it can do, and have to be written.
 */
const PACED_ROWS = 512;
const PAUSE_MS = 0.3;

interface Opened {
  readonly log: RunLog;
  readonly inode: number;
  readonly classesOf: ReturnType<typeof classesIn>;
}

/** Writes what the server hands over, one group after the other, and deletes what is too old in between. */
export function runLogThread(port: MessagePort, start: LogThreadStart): void {
  const { file, state, policy, sweepMs } = start;
  const tell = (message: FromLogThread): void => port.postMessage(message);
  let opened: Opened | undefined;

  /** The log that stands at its place: of one that was taken away or put back from a copy nobody would ever read again. */
  const open = (): Opened => {
    const inode = inodeOf(file);
    if (opened !== undefined && opened.inode === inode) return opened;
    opened?.log.close();
    opened = undefined;
    const found = openExistingRunLog(file);
    if (!found.ok) throw new LogGone(failureText(found.failure));
    if (found.value === undefined || inode === undefined) throw new LogGone(`${file} is not there`);
    found.value.database.pragma(`busy_timeout = ${BUSY_MS}`);
    opened = { log: found.value, inode, classesOf: classesIn(found.value, state) };
    return opened;
  };

  const write = (writes: LiveWrites): CommitOutcome => {
    try {
      const { log, classesOf } = open();
      const rows = writes.answers.reduce((sum, { ids }) => sum + ids.length, 0);
      const pace = rows <= PACED_ROWS && writes.labels.length === 0 ? { between: pause } : {};
      const written = writeLive(log, writes, { classesOf, at: systemClock.now(), isOfOne, ...pace });
      return { kind: 'written', written };
    } catch (error) {
      return outcomeOf(error);
    }
  };

  let isClosed = false;
  let steps: ReturnType<typeof sweepSteps> | undefined;
  /** A step of a sweep; what is written comes in between two steps. */
  const sweep = (): void => {
    if (isClosed) return;
    try {
      steps ??= sweepSteps(() => open().log, policy, systemClock.now());
      const { value, done } = steps.next();
      if (value !== undefined && value.inputs + value.answers > 0) tell({ type: 'expired', ...value });
      if (done) steps = undefined;
    } catch {
      // It is tried again at the next sweep; whoever writes says what is wrong with the log.
      steps = undefined;
    }
    if (steps !== undefined) setImmediate(sweep);
  };
  const timer = setInterval(() => {
    if (steps === undefined) sweep();
  }, sweepMs);
  setImmediate(sweep);

  port.on('message', (message: ToLogThread) => {
    if (message.type === 'write') return tell({ type: 'outcome', outcome: write(message.writes) });
    isClosed = true;
    clearInterval(timer);
    opened?.log.close();
    return port.close();
  });
}

const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

const pause = (): void => void Atomics.wait(never, 0, 0, PAUSE_MS);

class LogGone extends Error {}

const inodeOf = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.ino;

/** What SQLite says of a log that is locked, full, or on a disk that has gone: it may be well again. */
const PASSING = /^SQLITE_(BUSY|FULL|IOERR|CANTOPEN|READONLY|LOCKED|NOMEM)/;

/** What it says of a single row that does not fit. */
const OF_ONE = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)/;

const codeOf = (error: unknown): string => String((error as { readonly code?: unknown } | null)?.code ?? '');

/** What SQLite does not say was found wrong with a row before it was written. */
const isOfOne = (error: unknown): boolean => OF_ONE.test(codeOf(error)) || !codeOf(error).startsWith('SQLITE_');

function outcomeOf(error: unknown): CommitOutcome {
  const problem = error instanceof Error ? error.message : String(error);
  return { kind: error instanceof LogGone || PASSING.test(codeOf(error)) ? 'later' : 'broken', problem };
}
