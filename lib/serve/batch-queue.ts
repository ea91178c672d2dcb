import type { Clock } from '../util/clock.ts';
import { type BatchTimes, createBatchTimes } from './batch-times.ts';
import type { Fault } from './fault.ts';
import type { ServeLimits } from './limits.ts';
import type { AnsweringThread, BatchOutcome } from './thread/thread.ts';

/** Raw rows, row-major. */
export type RawRows = Uint8Array | Float32Array;

/** rows x classes probabilities, or why there are none. */
export type Answered = Float32Array | Fault;

/** What a queue tells of a batch that was answered. */
export interface BatchReport {
  readonly rows: number;
  /** Milliseconds the model took. */
  readonly predictMs: number;
  /** Milliseconds each request of it had waited, the oldest first. */
  readonly waitedMs: readonly number[];
}

/** What waits for one version, answered in batches of whatever waits when the thread is free. */
export interface BatchQueue {
  /** Rows that wait or are being answered. */
  readonly rows: number;
  /** Why so many more rows would be refused, if they came now. */
  refusal(rows: number): Fault | undefined;
  /** Takes a request, whose `done` is called once; or refuses it, and `done` is never called. */
  submit(inputs: RawRows, rows: number, done: (answered: Answered) => void): Fault | undefined;
  /** Gives up what has waited too long; true when the thread itself does not answer any more. */
  sweep(): boolean;
  /** Settles when everything that was taken is answered. */
  idle(): Promise<void>;
}

export interface BatchQueueOptions {
  readonly thread: AnsweringThread;
  /** Values of a row, and answers to it. */
  readonly width: number;
  readonly classes: number;
  readonly limits: ServeLimits;
  readonly clock: Clock;
  readonly onBatch: (report: BatchReport) => void;
}

interface Waiting {
  readonly inputs: RawRows;
  readonly rows: number;
  readonly done: (answered: Answered) => void;
  readonly enteredMs: number;
  /** Whether it found nobody before it: then it is answered, however late its turn comes. */
  readonly isFirst: boolean;
  /** Rows that were sent to the thread, and rows it answered. */
  sent: number;
  answered: number;
  answers: Float32Array | undefined;
  isSettled: boolean;
}

interface Part {
  readonly waiting: Waiting;
  readonly rows: number;
}

interface Batch {
  readonly parts: readonly Part[];
  readonly rows: number;
  readonly startedMs: number;
}

/** Sweeps come several times a second; one that comes later than this, in milliseconds, was held up with everything else. */
const STANDSTILL_MS = 1000;

export function createBatchQueue({ thread, width, classes, limits, clock, onBatch }: BatchQueueOptions): BatchQueue {
  const times: BatchTimes = createBatchTimes(thread.ready.warmUp);
  const waiting: Waiting[] = [];
  const { values, answers: given } = thread.ready.shared;
  let batch: Batch | undefined;
  let rows = 0;
  let isScheduled = false;
  /** Whether an answer is received in the middle of a turn. */
  let isLooking = false;
  const onIdle: (() => void)[] = [];
  let sweptMs = clock.elapsed();

  /** Milliseconds until so many more rows would be answered. */
  const expectedMs = (more: number): number => {
    const behind = Math.max(0, rows - (batch?.rows ?? 0)) + more;
    const full = Math.floor(behind / limits.batchRows);
    const rest = behind % limits.batchRows;
    const current = batch === undefined ? 0 : times.expect(batch.rows) - (clock.elapsed() - batch.startedMs);
    return Math.max(0, current) + full * times.expect(limits.batchRows) + (rest === 0 ? 0 : times.expect(rest));
  };

  const settle = (one: Waiting, answered: Answered): void => {
    if (one.isSettled) return;
    one.isSettled = true;
    rows -= one.rows;
    one.done(answered);
  };

  const shed = (expected: number): Fault => ({
    status: 503,
    error: `Too many requests are waiting: this one could not be answered within ${limits.deadlineMs} ms.`,
    retryAfter: Math.max(1, Math.ceil(expected / 1000)),
    isShed: true,
  });

  const refusal = (more: number): Fault | undefined => {
    if (rows + more > limits.queueRows) return shed(expectedMs(0));
    const expected = expectedMs(more);
    // A request that finds nobody before it is answered, however slow the model is.
    return expected > limits.deadlineMs && rows > 0 ? shed(expected) : undefined;
  };

  /** Takes rows off the front of the line, up to a batch; requests whose time is over are shed on the way. */
  const take = (): Part[] => {
    const parts: Part[] = [];
    const nowMs = clock.elapsed();
    let room = limits.batchRows;
    let gone = 0;
    for (const one of waiting) {
      if (room === 0) break;
      const isLate = one.sent === 0 && nowMs - one.enteredMs > limits.deadlineMs;
      if (isLate && !one.isFirst) settle(one, shed(expectedMs(0)));
      if (!one.isSettled) {
        const count = Math.min(room, one.rows - one.sent);
        parts.push({ waiting: one, rows: count });
        room -= count;
        if (one.sent + count < one.rows) break;
      }
      gone += 1;
    }
    waiting.splice(0, gone);
    return parts;
  };

  const flush = (): void => {
    if (batch !== undefined) return;
    const parts = take();
    if (parts.length === 0) return tellIdle();
    let at = 0;
    for (const { waiting: one, rows: count } of parts) {
      const whole = one.sent === 0 && count === one.rows;
      values.set(whole ? one.inputs : one.inputs.subarray(one.sent * width, (one.sent + count) * width), at * width);
      one.sent += count;
      at += count;
    }
    batch = { parts, rows: at, startedMs: clock.elapsed() };
    thread.ask(at, receive);
  };

  /** Whatever else arrives in this turn of the event loop joins the batch, until it is full. Some rows are being answered. */
  const flushSoon = (answering = 0): void => {
    if (batch !== undefined) return;
    if (rows - answering >= limits.batchRows) return flush();
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      flush();
    });
  };

  const receive = (outcome: BatchOutcome): void => {
    const answered = batch;
    batch = undefined;
    if (answered === undefined) return;
    const answers = given.slice(0, answered.rows * classes);
    const nowMs = clock.elapsed();
    const ms = nowMs - answered.startedMs;
    // A thread that takes longer is ended: so it was the machine that stood still, and hundreds of batches would pay for that.
    if (ms <= limits.timeoutMs) times.note({ rows: answered.rows, ms });
    // The thread computes the next batch while this one's answers are written; within a turn only a full one, since more may come.
    if (isLooking) flushSoon(answered.rows);
    else flush();
    if (outcome.ok) scatter(answered.parts, answers);
    else {
      const fault: Fault = { status: 503, error: `The model could not answer: ${outcome.problem}`, retryAfter: 1 };
      for (const { waiting: one } of answered.parts) settle(one, fault);
    }
    const waitedMs = answered.parts.map(({ waiting: one }) => answered.startedMs - one.enteredMs);
    onBatch({ rows: answered.rows, predictMs: outcome.ok ? outcome.ms : ms, waitedMs });
    tellIdle();
  };

  const scatter = (parts: readonly Part[], answers: Float32Array): void => {
    let at = 0;
    for (const { waiting: one, rows: count } of parts) {
      const part = answers.subarray(at * classes, (at + count) * classes);
      at += count;
      if (count === one.rows) {
        settle(one, part);
        continue;
      }
      one.answers ??= new Float32Array(one.rows * classes);
      one.answers.set(part, one.answered * classes);
      one.answered += count;
      if (one.answered === one.rows) settle(one, one.answers);
    }
  };

  const tellIdle = (): void => {
    if (batch !== undefined || waiting.length > 0) return;
    for (const tell of onIdle.splice(0)) tell();
  };

  return {
    get rows() {
      return rows;
    },
    refusal,
    submit: (inputs, count, done) => {
      // A turn that reads hundreds of requests must not wait for its end to answer a batch and send the next one.
      isLooking = true;
      if (batch !== undefined) thread.look();
      isLooking = false;
      const refused = refusal(count);
      if (refused !== undefined) return refused;
      const isFirst = rows === 0;
      rows += count;
      const enteredMs = clock.elapsed();
      waiting.push({
        inputs,
        rows: count,
        done,
        enteredMs,
        isFirst,
        sent: 0,
        answered: 0,
        answers: undefined,
        isSettled: false,
      });
      flushSoon();
      return undefined;
    },
    sweep: () => {
      // After a turn that took long, or a machine that slept, the answer may be there and only not have been heard.
      if (batch !== undefined) thread.look();
      const nowMs = clock.elapsed();
      const stoodStill = nowMs - sweptMs > Math.max(limits.timeoutMs, STANDSTILL_MS);
      sweptMs = nowMs;
      // A machine that slept is no thread that hangs: that shows at the next sweep.
      if (stoodStill) return false;
      const beforeMs = nowMs - limits.timeoutMs;
      const fault: Fault = { status: 504, error: `The model did not answer within ${limits.timeoutMs} ms.` };
      const isStuck = batch !== undefined && batch.startedMs < beforeMs;
      if (isStuck) for (const { waiting: one } of batch?.parts ?? []) settle(one, fault);
      for (const one of waiting) if (one.enteredMs < beforeMs) settle(one, fault);
      return isStuck;
    },
    idle: () =>
      new Promise((resolve) => {
        onIdle.push(resolve);
        tellIdle();
      }),
  };
}
