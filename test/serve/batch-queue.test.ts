import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Answered, type BatchQueue, type BatchReport, createBatchQueue } from '../../lib/serve/batch-queue.ts';
import type { Fault } from '../../lib/serve/fault.ts';
import { DEFAULT_LIMITS, type ServeLimits } from '../../lib/serve/limits.ts';
import type { ThreadReady } from '../../lib/serve/thread/messages.ts';
import type { AnsweringThread } from '../../lib/serve/thread/thread.ts';

const WIDTH = 2;

/** A thread that answers when it is told to: each row with the sum of its two values, and with their difference. */
interface HandThread extends AnsweringThread {
  /** Rows of the batches it was asked for, in order. */
  readonly asked: number[];
  answer(): void;
  /** It has answered, but a message of that has not been received. */
  answerUnheard(): void;
  fail(problem: string): void;
}

function createHandThread(batchRows: number, msPerBatch = 1): HandThread {
  const shared = {
    values: new Float32Array(new SharedArrayBuffer(batchRows * WIDTH * 4)),
    answers: new Float32Array(new SharedArrayBuffer(batchRows * WIDTH * 4)),
    bell: new Int32Array(new SharedArrayBuffer(4)),
  };
  const asked: number[] = [];
  let waiting: Parameters<AnsweringThread['ask']>[1] | undefined;
  let unheard: Parameters<NonNullable<typeof waiting>>[0] | undefined;
  const settle = (outcome: Parameters<NonNullable<typeof waiting>>[0]): void => {
    const done = waiting;
    waiting = undefined;
    done?.(outcome);
  };
  return {
    ready: {
      warmUp: [
        { rows: 1, ms: msPerBatch },
        { rows: batchRows, ms: msPerBatch },
      ],
      shared,
    } as unknown as ThreadReady,
    asked,
    ask: (rows, done) => {
      if (waiting !== undefined) throw new Error('it was asked before it had answered');
      asked.push(rows);
      waiting = done;
    },
    look: () => {
      const outcome = unheard;
      unheard = undefined;
      if (outcome !== undefined) settle(outcome);
    },
    answer: () => {
      answerRows();
      settle({ ok: true, ms: 1 });
    },
    answerUnheard: () => {
      answerRows();
      unheard = { ok: true, ms: 1 };
    },
    fail: (problem) => settle({ ok: false, problem }),
    close: async () => undefined,
    kill: () => undefined,
  };

  function answerRows(): void {
    const rows = asked.at(-1) ?? 0;
    for (let row = 0; row < rows; row++) {
      const [one = 0, other = 0] = shared.values.subarray(row * WIDTH, (row + 1) * WIDTH);
      shared.answers.set([one + other, one - other], row * WIDTH);
    }
  }
}

interface Bench {
  readonly thread: HandThread;
  readonly queue: BatchQueue;
  readonly reports: BatchReport[];
  /** Milliseconds that pass. */
  pass(ms: number): void;
}

function bench(limits: Partial<ServeLimits>, msPerBatch = 1): Bench {
  let nowMs = 0;
  const all = { ...DEFAULT_LIMITS, batchRows: 4, ...limits };
  const thread = createHandThread(all.batchRows, msPerBatch);
  const reports: BatchReport[] = [];
  const clock = { now: () => nowMs, elapsed: () => nowMs };
  const queue = createBatchQueue({
    thread,
    width: WIDTH,
    classes: WIDTH,
    limits: all,
    clock,
    onBatch: (one) => reports.push(one),
  });
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { thread, queue, reports, pass };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Asks for some rows and keeps what comes back. */
function ask(
  queue: BatchQueue,
  rows: number,
  from = 0,
): { refused: Fault | undefined; answered: Answered | undefined } {
  const result: { refused: Fault | undefined; answered: Answered | undefined } = {
    refused: undefined,
    answered: undefined,
  };
  const values = Float32Array.from({ length: rows * WIDTH }, (_, at) => from + at);
  result.refused = queue.submit(values, rows, (answered) => {
    if (result.answered !== undefined) throw new Error('it was answered twice');
    result.answered = answered;
  });
  return result;
}

const valuesOf = (answered: Answered | undefined): number[] => {
  if (answered instanceof Float32Array) return [...answered];
  throw new Error(`it was not answered: ${JSON.stringify(answered)}`);
};

/** What the thread answers for rows that begin with a number. */
const expected = (rows: number, from = 0): number[] =>
  Array.from({ length: rows }, (_, row) => [2 * (from + 2 * row) + 1, -1]).flat();

describe('a queue', () => {
  test('answers what has come in one turn in one batch, and what came meanwhile in the next', async () => {
    const { thread, queue, reports, pass } = bench({});
    const first = [ask(queue, 1, 0), ask(queue, 1, 10), ask(queue, 1, 20)];
    expect(thread.asked).toEqual([]);
    await turn();
    expect(thread.asked).toEqual([3]);
    const second = [ask(queue, 1, 30), ask(queue, 1, 40)];
    await turn();
    expect(thread.asked).toEqual([3]);
    pass(7);
    thread.answer();
    expect(thread.asked).toEqual([3, 2]);
    expect(first.map(({ answered }) => valuesOf(answered))).toEqual([0, 10, 20].map((from) => expected(1, from)));
    thread.answer();
    expect(valuesOf(second[1]?.answered)).toEqual(expected(1, 40));
    expect(reports).toEqual([
      { rows: 3, predictMs: 1, waitedMs: [0, 0, 0] },
      { rows: 2, predictMs: 1, waitedMs: [7, 7] },
    ]);
    expect(queue.rows).toBe(0);
  });

  test('a batch that is answered in the middle of a turn is handed on when the next request comes, and a full one is sent', async () => {
    const { thread, queue } = bench({});
    const first = ask(queue, 1, 3);
    await turn();
    const second = [ask(queue, 1, 5), ask(queue, 1, 6)];
    thread.answerUnheard();
    expect(first.answered).toBeUndefined();
    const third = ask(queue, 1, 7);
    expect(valuesOf(first.answered)).toEqual(expected(1, 3));
    expect(thread.asked).toEqual([1]);
    ask(queue, 1, 8);
    expect(thread.asked).toEqual([1, 4]);
    await turn();
    thread.answer();
    expect([...second, third].map(({ answered }) => valuesOf(answered))).toEqual(
      [5, 6, 7].map((from) => expected(1, from)),
    );
    expect(queue.rows).toBe(0);
  });

  test('gives every request its own answers, whatever the sizes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 11 }), { minLength: 1, maxLength: 20 }), async (sizes) => {
        const { thread, queue } = bench({ deadlineMs: 1e9 });
        const asked = sizes.map((rows, at) => ask(queue, rows, at * 100));
        await turn();
        while (queue.rows > 0) thread.answer();
        expect(asked.map(({ answered }) => valuesOf(answered))).toEqual(
          sizes.map((rows, at) => expected(rows, at * 100)),
        );
        expect(Math.max(...thread.asked)).toBeLessThanOrEqual(4);
        expect(thread.asked.reduce((sum, rows) => sum + rows, 0)).toBe(sizes.reduce((sum, rows) => sum + rows, 0));
      }),
    );
  });

  test('refuses what it has no room for', () => {
    const { queue } = bench({ queueRows: 6 });
    expect(ask(queue, 6).refused).toBeUndefined();
    expect(ask(queue, 1).refused).toMatchObject({ status: 503, retryAfter: 1, isShed: true });
    expect(queue.rows).toBe(6);
  });

  test('refuses what could not be answered before the deadline, and says when to come again', async () => {
    const { thread, queue } = bench({ deadlineMs: 250 }, 100);
    for (const from of [0, 1]) expect(ask(queue, 4, from).refused).toBeUndefined();
    expect(ask(queue, 1).refused).toMatchObject({ status: 503, retryAfter: 1 });
    await turn();
    thread.answer();
    expect(ask(queue, 1).refused).toBeUndefined();
  });

  test('answers a request that finds nobody before it, however slow the model is', async () => {
    const { thread, queue } = bench({ deadlineMs: 50 }, 5000);
    const alone = ask(queue, 1);
    expect(alone.refused).toBeUndefined();
    expect(ask(queue, 1).refused).toMatchObject({ status: 503, retryAfter: 5 });
    await turn();
    thread.answer();
    expect(alone.answered).toBeInstanceOf(Float32Array);
  });

  test('answers it, too, where the turn in which it came took longer than the deadline, as on a machine that stood still', async () => {
    const { thread, queue, pass } = bench({ deadlineMs: 200 });
    const [alone, behind] = [ask(queue, 1), ask(queue, 1)];
    pass(10_000);
    await turn();
    thread.answer();
    expect(alone.answered).toBeInstanceOf(Float32Array);
    expect(behind.answered).toMatchObject({ status: 503, isShed: true });
  });

  test('learns how long batches take', async () => {
    const { thread, queue, pass } = bench({ deadlineMs: 250, batchRows: 1 }, 1);
    for (let batch = 0; batch < 20; batch++) {
      ask(queue, 1);
      await turn();
      pass(100);
      thread.answer();
    }
    expect([1, 2, 3].map(() => ask(queue, 1).refused?.status)).toEqual([undefined, undefined, 503]);
  });

  test('learns nothing from a batch in which the whole machine stood still', async () => {
    const { thread, queue, pass } = bench({ deadlineMs: 200, timeoutMs: 5000 }, 1);
    ask(queue, 1);
    await turn();
    pass(60_000);
    thread.answer();
    expect([1, 2].map(() => ask(queue, 1).refused)).toEqual([undefined, undefined]);
  });

  test('sheds what has waited past the deadline when its turn comes', async () => {
    const { thread, queue, pass } = bench({ deadlineMs: 200 });
    const first = ask(queue, 4);
    await turn();
    const late = ask(queue, 2);
    pass(201);
    const fresh = ask(queue, 2, 50);
    thread.answer();
    expect(first.answered).toBeInstanceOf(Float32Array);
    expect(late.answered).toMatchObject({ status: 503, isShed: true });
    thread.answer();
    expect(valuesOf(fresh.answered)).toEqual(expected(2, 50));
  });

  test('gives up what is not answered in time, and tells that the thread is stuck', async () => {
    const { thread, queue, pass } = bench({ timeoutMs: 1000, deadlineMs: 1e9 });
    const [first, second] = [ask(queue, 4), ask(queue, 1)];
    await turn();
    pass(999);
    expect(queue.sweep()).toBe(false);
    pass(2);
    expect(queue.sweep()).toBe(true);
    for (const { answered } of [first, second]) expect(answered).toMatchObject({ status: 504 });
    expect(queue.rows).toBe(0);
    thread.fail('it was ended');
    await queue.idle();
  });

  test('does not take a thread for stuck whose answer only has not been heard, as after a machine slept', async () => {
    const { thread, queue, pass } = bench({ timeoutMs: 1000, deadlineMs: 1e9 });
    const first = ask(queue, 4);
    await turn();
    thread.answerUnheard();
    pass(60_000);
    expect(queue.sweep()).toBe(false);
    expect(valuesOf(first.answered)).toEqual(expected(4));
  });

  test('gives up nobody for time in which the whole machine stood still', async () => {
    const { thread, queue, pass } = bench({ timeoutMs: 5000, deadlineMs: 1e9 });
    const running = ask(queue, 4);
    await turn();
    const waiting = ask(queue, 1);
    pass(60_000);
    expect(queue.sweep()).toBe(false);
    pass(250);
    thread.answer();
    thread.answer();
    expect([running, waiting].map(({ answered }) => answered)).toEqual([
      expect.any(Float32Array),
      expect.any(Float32Array),
    ]);
    ask(queue, 1);
    await turn();
    pass(4000);
    expect(queue.sweep()).toBe(false);
    pass(1001);
    expect(queue.sweep()).toBe(true);
  });

  test('tells the requests of a batch that failed, and goes on', async () => {
    const { thread, queue } = bench({});
    const [bad, good] = [ask(queue, 4), ask(queue, 1)];
    await turn();
    thread.fail('out of memory');
    expect(bad.answered).toEqual({ status: 503, error: 'The model could not answer: out of memory', retryAfter: 1 });
    thread.answer();
    expect(valuesOf(good.answered)).toEqual(expected(1));
  });

  test('is idle when all is answered', async () => {
    const { thread, queue } = bench({});
    ask(queue, 5);
    await turn();
    let isIdle = false;
    const idle = queue.idle().then(() => {
      isIdle = true;
    });
    thread.answer();
    await turn();
    expect(isIdle).toBe(false);
    thread.answer();
    await idle;
  });
});
