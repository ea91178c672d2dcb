import {
  type GivenLabel,
  LABEL_OUTCOMES,
  type LabelOutcome,
  type LabelReceipt,
  type LiveWrites,
  type LiveWritten,
  type Unavailable,
  type UnfitPrediction,
} from '../../domain/live.ts';
import type { Clock } from '../../util/clock.ts';
import type { PredictionLog } from '../prediction-log.ts';
import { type AnswerChunk, packedChunk, rowsIn } from './answer-chunks.ts';
import { waitingAnswers } from './waiting-answers.ts';

/** How a group of writes ended. `later`: the log is full, locked or gone, and may be there again; `broken`: it never will be. */
export type CommitOutcome =
  | { readonly kind: 'written'; readonly written: LiveWritten }
  | { readonly kind: 'later' | 'broken'; readonly problem: string };

/** What nobody labelled in time, and what was deleted therefore. */
export interface ExpiredRows {
  readonly inputs: number;
  readonly answers: number;
}

/** Whoever writes to the disk. */
export interface LogWriter {
  /** Writes a group: nothing of it, or all but what can never be written. Not called again before it has settled. */
  commit(writes: LiveWrites): Promise<CommitOutcome>;
  expired(): ExpiredRows;
  close(): Promise<void>;
}

/** What has been put on record since the start, and what has not. */
export interface LiveCounts {
  /** Predictions on record. */
  readonly recorded: number;
  /** Predictions that were answered and will never be on record. */
  readonly lost: number;
  /** Predictions that wait to be written. */
  readonly waiting: number;
  readonly labels: Readonly<Record<LabelOutcome, number>>;
  /** Labels that had come before their prediction, and found it. */
  readonly joined: number;
  readonly expired: ExpiredRows;
  /** Why nothing can be written at the moment. */
  readonly problem: string | undefined;
}

/** What happens to the record, for whoever watches the server. */
export type LiveEvent =
  /** Nothing can be written; answers go on, and wait. */
  | { readonly type: 'stuck'; readonly problem: string }
  | { readonly type: 'lost'; readonly rows: number; readonly problem: string; readonly ids?: readonly string[] }
  | { readonly type: 'recovered'; readonly waited: number };

/** The record of the live side: predictions as they are answered, and labels as they come. */
export interface LiveLog extends PredictionLog {
  /** Resolves when the labels are on the disk, or cannot be. They follow every answer that was recorded before them. */
  label(labels: readonly GivenLabel[]): Promise<LabelReceipt | Unavailable>;
  counts(): LiveCounts;
  watch(tell: (event: LiveEvent) => void): void;
  /** Writes what waits, as far as it can be written. */
  close(): Promise<void>;
}

export interface LiveLogLimits {
  /** Predictions that may wait; when more come, the oldest are lost. */
  readonly waitingRows: number;
  /** Bytes of their inputs. */
  readonly waitingBytes: number;
  /** Predictions written in one transaction. */
  readonly groupRows: number;
  /** How long a prediction waits for others to be written with, in milliseconds. A label waits for nobody. */
  readonly gatherMs: number;
  /** Requests with labels that may wait. */
  readonly waitingLabels: number;
  /** How long nothing is tried after a failure, in milliseconds, but for a label's sake. */
  readonly pauseMs: number;
}

export const LIVE_LOG_LIMITS: LiveLogLimits = {
  waitingRows: 20_000,
  waitingBytes: 32 * 1024 * 1024,
  groupRows: 4096,
  gatherMs: 100,
  waitingLabels: 1000,
  pauseMs: 1000,
};

export interface LiveLogOptions {
  readonly writer: LogWriter;
  readonly keepsInputs: boolean;
  readonly clock: Clock;
  readonly limits?: Partial<LiveLogLimits>;
}

/** Ids that are told of predictions which could not be written, at most. */
const TOLD_IDS = 10;

interface WaitingLabels {
  readonly labels: readonly GivenLabel[];
  readonly settle: (receipt: LabelReceipt | Unavailable) => void;
}

/**
 * Gathers answers and labels and writes what has gathered in one transaction, one at a time. Answers never wait for it: where
 * nothing can be written they are kept up to a limit, then the oldest are lost, counted and told. A label is acknowledged when
 * its transaction is on the disk, and refused at once where that fails.
 */
export function createLiveLog({ writer, keepsInputs, clock, limits: given }: LiveLogOptions): LiveLog {
  const limits = { ...LIVE_LOG_LIMITS, ...given };
  const watchers: ((event: LiveEvent) => void)[] = [];
  const labelCounts = Object.fromEntries(LABEL_OUTCOMES.map((outcome) => [outcome, 0])) as Record<LabelOutcome, number>;
  const count = { recorded: 0, lost: 0, joined: 0 };
  const waiting = waitingAnswers({ keepsInputs, groupRows: limits.groupRows });
  let writing: readonly AnswerChunk[] = [];
  let labels: WaitingLabels[] = [];
  let problem: string | undefined;
  let pausedUntilMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let isWriting = false;
  let isClosing = false;
  /** Whether what waits with the labels is kept out of their transaction, so that it cannot spoil it. */
  let labelsAlone = false;
  let whenIdle: (() => void) | undefined;

  const tell = (event: LiveEvent): void => {
    for (const watcher of watchers) watcher(event);
  };

  const lose = (lost: number, why: string, ids?: readonly string[]): void => {
    count.lost += lost;
    tell({ type: 'lost', rows: lost, problem: why, ...(ids === undefined ? {} : { ids: ids.slice(0, TOLD_IDS) }) });
  };

  const loseUnfit = (unfit: readonly UnfitPrediction[]): void => {
    for (const why of new Set(unfit.map((one) => one.problem))) {
      const ids = unfit.filter((one) => one.problem === why).map(({ prediction }) => prediction);
      lose(ids.length, why, ids);
    }
  };

  const writingRows = (): number => writing.reduce((sum, chunk) => sum + rowsIn(chunk), 0);

  /** The oldest go first, some at a time, so that not every answer that comes has to look for one. */
  const makeRoom = (): void => {
    if (waiting.rows() <= limits.waitingRows && waiting.bytes() <= limits.waitingBytes) return;
    const gone = waiting.giveUp({ rows: 0.9 * limits.waitingRows, bytes: 0.9 * limits.waitingBytes });
    lose(gone, problem ?? 'they came faster than they could be written');
  };

  const schedule = (): void => {
    if (isWriting) return;
    const pauseMs = pausedUntilMs - clock.elapsed();
    const isFull = waiting.rows() >= limits.groupRows && pauseMs <= 0;
    if (labels.length > 0 || isFull || isClosing) return void write();
    if (waiting.rows() === 0 || timer !== undefined) return;
    timer = setTimeout(write, Math.max(limits.gatherMs, pauseMs));
    timer.unref();
  };

  const write = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const given = labels;
    writing = labelsAlone && given.length > 0 ? [] : waiting.take();
    labels = [];
    isWriting = true;
    const outcome = await writer
      .commit({ answers: writing.map(packedChunk), labels: given.map((one) => one.labels) })
      .catch(
        (error: unknown): CommitOutcome => ({
          kind: 'later',
          problem: error instanceof Error ? error.message : String(error),
        }),
      );
    isWriting = false;
    let isStuck = false;
    if (outcome.kind === 'written') finish(outcome.written, given);
    else isStuck = fail(outcome, given);
    writing = [];
    if (isClosing && (isStuck || (waiting.rows() === 0 && labels.length === 0))) return whenIdle?.();
    schedule();
  };

  const finish = ({ recorded, known, joined, unfit, receipts }: LiveWritten, given: readonly WaitingLabels[]): void => {
    if (writing.length > 0 || waiting.rows() === 0) {
      if (problem !== undefined) tell({ type: 'recovered', waited: writingRows() + waiting.rows() });
      problem = undefined;
      pausedUntilMs = 0;
      labelsAlone = false;
    }
    waiting.done(writing);
    count.recorded += recorded;
    count.joined += joined;
    if (known > 0) lose(known, 'their ids are on record already, or were forgotten');
    loseUnfit(unfit);
    for (const [at, { settle }] of given.entries()) {
      const receipt: LabelReceipt | Unavailable = receipts[at] ?? {
        kind: 'unavailable',
        problem: 'nothing was said of them',
      };
      if (receipt.kind === 'kept') for (const outcome of receipt.outcomes) labelCounts[outcome] += 1;
      settle(receipt);
    }
  };

  /** Whether the same would fail again. */
  const fail = (
    { kind, problem: why }: Exclude<CommitOutcome, { kind: 'written' }>,
    given: readonly WaitingLabels[],
  ): boolean => {
    labelsAlone = true;
    if (kind === 'broken' && writing.length > 0) {
      // Without what cannot be written the labels may be written yet.
      lose(writingRows(), why);
      waiting.done(writing);
      labels = [...given, ...labels];
      return false;
    }
    if (problem !== why) tell({ type: 'stuck', problem: why });
    problem = why;
    pausedUntilMs = clock.elapsed() + limits.pauseMs;
    waiting.putBack(writing);
    makeRoom();
    for (const { settle } of given) settle({ kind: 'unavailable', problem: why });
    return true;
  };

  return {
    record: (answered) => {
      waiting.add(answered);
      makeRoom();
      schedule();
    },
    label: (given) => {
      if (isClosing) return Promise.resolve({ kind: 'unavailable', problem: 'the server is stopping' });
      if (labels.length >= limits.waitingLabels) {
        return Promise.resolve({
          kind: 'unavailable',
          problem: `${labels.length} requests with labels wait to be written`,
        });
      }
      return new Promise((settle) => {
        labels.push({ labels: given, settle });
        schedule();
      });
    },
    counts: () => ({
      ...count,
      waiting: waiting.rows() + writingRows(),
      labels: { ...labelCounts },
      expired: writer.expired(),
      problem,
    }),
    watch: (watcher) => void watchers.push(watcher),
    close: async () => {
      isClosing = true;
      if (isWriting || waiting.rows() > 0) {
        await new Promise<void>((resolve) => {
          whenIdle = resolve;
          schedule();
        });
      }
      const gone = waiting.giveUp({ rows: 0, bytes: 0 });
      if (gone > 0) lose(gone, problem ?? 'the server was stopped');
      await writer.close();
    },
  };
}
