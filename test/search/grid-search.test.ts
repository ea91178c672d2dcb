import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Failure, failure, failureText, formatFailure } from '../../lib/domain/failure.ts';
import type { FoldRecord } from '../../lib/domain/records.ts';
import type { TaskCall, TaskMemo, TaskPool } from '../../lib/domain/tasks.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../lib/ml/settings.ts';
import type { CellInput, CellScore } from '../../lib/search/cell.ts';
import { gridSearch, type SearchRequest } from '../../lib/search/grid-search.ts';
import { WINNER_RULES } from '../../lib/search/winner.ts';
import { canonicalJson, type Json } from '../../lib/util/json.ts';
import { err, ok, type Result } from '../../lib/util/result.ts';
import { CHOICE } from '../ml/engine.ts';

type Answer = (input: CellInput, epochs: number) => Result<number | null, Failure>;

/** A pool that answers from a table, in the order of a queue that a real pool's workers may give. */
function poolOf(answer: Answer, isReversed = false): TaskPool & { readonly calls: TaskCall[] } {
  const calls: TaskCall[] = [];
  return {
    calls,
    workers: 2,
    start: () => undefined,
    call: async (call) => {
      calls.push(call);
      const place = calls.length;
      // Later calls settle first: an answer must not depend on when it comes.
      for (let turn = 0; turn < (isReversed ? 100 - place : place); turn++) await Promise.resolve();
      const input = call.input as unknown as CellInput;
      const scores: CellScore[] = [];
      for (const epochs of input.scoreAt) {
        const result = answer(input, epochs);
        if (!result.ok && result.failure.code !== 'TRAIN_DIVERGED') return err(result.failure);
        const error = result.ok ? null : failureText(result.failure);
        scores.push({ epochs, score: result.ok ? result.value : null, error });
      }
      return ok({ value: scores, usage: { wallMs: 4, cpuMs: 3, peakMemoryBytes: 2 } });
    },
    close: async () => undefined,
  };
}

/** Remembers nothing. */
const forgetful: TaskMemo = { recall: async (inputs) => inputs.map(() => null), remember: () => undefined };

/** A memo over a map, as the run log has one. */
function memoOver(memory: Map<string, Json>): TaskMemo {
  return {
    recall: async (inputs) => inputs.map((input) => memory.get(canonicalJson(input)) ?? null),
    remember: (input, value) => void memory.set(canonicalJson(input), value),
  };
}

const diverged = failure('TRAIN_DIVERGED', { epoch: 1, loss: 'NaN', learningRate: 9 });

function request(pool: TaskPool, more: Partial<SearchRequest> = {}): SearchRequest & { readonly folds_: FoldRecord[] } {
  const folds_: FoldRecord[] = [];
  return {
    pool,
    task: 'cell',
    memo: forgetful,
    prune: false,
    rule: 'best',
    weightsOf: ({ hidden }) => hidden.reduce((sum, units) => sum + units, 0),
    candidates: [{ learningRate: 0.001 }, { learningRate: 0.01 }, { learningRate: 9 }],
    baseline: DEFAULT_SETTINGS,
    folds: 2,
    rows: null,
    seed: 1,
    engine: CHOICE,
    onStanding: () => undefined,
    onFold: (record) => folds_.push(record),
    onProgress: () => undefined,
    folds_,
    ...more,
  };
}

const byRate: Answer = ({ settings, fold }) =>
  settings.learningRate === 9 && fold === 1 ? err(diverged) : ok(settings.learningRate + fold / 10);

describe('a search', () => {
  test('fills what a candidate does not name from the baseline', async () => {
    const found = await gridSearch(request(poolOf(byRate)));
    if (!found.ok) throw new Error(formatFailure(found.failure));
    expect(found.value.winner).toBe(1);
    expect(found.value.winnerSettings).toEqual({ ...DEFAULT_SETTINGS, learningRate: 0.01 });
  });

  test('keeps a candidate that diverged as a row, and goes on', async () => {
    const asked = request(poolOf(byRate));
    const found = await gridSearch(asked);
    if (!found.ok) throw new Error(formatFailure(found.failure));
    expect(found.value.trials.map(({ trial, status, rank, winner }) => [trial, status, rank, winner])).toEqual([
      [0, 'succeeded', 2, false],
      [1, 'succeeded', 1, true],
      [2, 'failed', 3, false],
    ]);
    expect(asked.folds_).toHaveLength(6);
    expect(asked.folds_.find(({ status }) => status === 'failed')).toEqual({
      trial: 2,
      fold: 1,
      status: 'failed',
      score: null,
      reused: false,
      durationMs: 4,
      cpuMs: 3,
      peakMemoryBytes: 2,
      error: 'Training diverged: the loss became NaN in epoch 1 at learning rate 9.',
    });
  });

  test('of which every candidate failed says so, with the first reason', async () => {
    const found = await gridSearch(request(poolOf(() => err(diverged))));
    if (found.ok) throw new Error('it should have failed');
    expect(formatFailure(found.failure)).toBe(
      'All 3 candidates of the grid failed. The first: Training diverged: the loss became NaN in epoch 1 at learning rate 9.',
    );
  });

  test('stops at a fault of the data, which no candidate can help', async () => {
    const fault = failure('DATA_FOLDS', { label: 3, rows: 1, folds: 2 });
    const found = await gridSearch(request(poolOf(() => err(fault))));
    expect(found.ok ? 'found' : found.failure).toEqual(fault);
  });

  test('begins with the costly fits, but with pruning keeps the order of the grid that it follows from', async () => {
    const candidates = [{ hidden: [50] }, { hidden: [100], batch: 128 }, { hidden: [100], batch: 32 }];
    const order = async (prune: boolean): Promise<string[]> => {
      const pool = poolOf(() => ok(0.5));
      await gridSearch(request(pool, { candidates, prune, baseline: { ...DEFAULT_SETTINGS, batch: 128 } }));
      return pool.calls.slice(0, 6).map(({ input }) => {
        const { settings, fold } = input as unknown as CellInput;
        return `${settings.hidden} by ${settings.batch}, fold ${fold}`;
      });
    };
    const [small, large, stepping] = ['50 by 128', '100 by 128', '100 by 32'].map((name) => [
      `${name}, fold 0`,
      `${name}, fold 1`,
    ]) as [string[], string[], string[]];
    expect(await order(false)).toEqual([...stepping, ...large, ...small]);
    expect(await order(true)).toEqual([...small, ...large, ...stepping]);
  });

  test('gives every cell a seed from what it computes, not from where it stands', async () => {
    const seeds = async (candidates: SearchRequest['candidates']): Promise<Map<string, number>> => {
      const pool = poolOf(byRate);
      await gridSearch(request(pool, { candidates }));
      return new Map(
        pool.calls.map(({ input, seed }) => {
          const { settings, fold } = input as unknown as CellInput;
          return [`${settings.learningRate}/${fold}`, seed];
        }),
      );
    };
    const one = await seeds([{ learningRate: 0.001 }, { learningRate: 0.01 }]);
    const other = await seeds([{ learningRate: 0.01 }, { learningRate: 0.5 }, { learningRate: 0.001 }]);
    for (const [cell, seed] of one) expect(other.get(cell)).toBe(seed);
    expect(new Set(one.values()).size).toBe(4);
  });

  test('finds the same whichever cell is answered first', async () => {
    const inOrder = await gridSearch(request(poolOf(byRate)));
    const reversed = await gridSearch(request(poolOf(byRate, true)));
    expect(reversed).toEqual(inOrder);
  });

  test('measures the baseline for reference where the grid does not hold it, and never lets it win', async () => {
    const pool = poolOf(({ settings }) => ok(settings.learningRate === 0.001 ? 0.99 : 0.5));
    const found = await gridSearch(request(pool, { candidates: [{ learningRate: 0.5 }] }));
    if (!found.ok) throw new Error(formatFailure(found.failure));
    expect(found.value.winner).toBe(0);
    expect(found.value.trials[1]).toMatchObject({ reference: true, winner: false, mean: 0.99, params: {} });
    expect(found.value.baselineScore?.mean).toBe(0.99);
  });
});

describe('an axis of epochs', () => {
  const candidates = [{ epochs: 5 }, { epochs: 3 }, { epochs: 10 }];
  const byEpochs: Answer = (_, epochs) => ok(epochs / 10);

  test('is fitted once for the longest and scored at each value', async () => {
    const pool = poolOf(byEpochs);
    const found = await gridSearch(request(pool, { candidates }));
    if (!found.ok) throw new Error(formatFailure(found.failure));
    expect(pool.calls).toHaveLength(2);
    expect(pool.calls.map(({ input }) => (input as unknown as CellInput).scoreAt)).toEqual([
      [3, 5, 10],
      [3, 5, 10],
    ]);
    expect(found.value.scores.map(({ mean }) => mean)).toEqual([0.5, 0.3, 1]);
    expect(found.value.winner).toBe(2);
  });

  test.each<[string, Partial<Settings>]>([
    ['a cosine schedule', { schedule: { type: 'cosine' } }],
    ['patience', { patience: 2 }],
  ])('is not shared with %s, which looks at the end', async (_, more) => {
    const pool = poolOf(byEpochs);
    await gridSearch(request(pool, { candidates, baseline: { ...DEFAULT_SETTINGS, ...more } }));
    expect(pool.calls).toHaveLength(6);
  });

  test('loses only the values behind a fit that went wrong', async () => {
    const pool = poolOf((_, epochs) => (epochs > 3 ? err(diverged) : ok(0.3)));
    const found = await gridSearch(request(pool, { candidates }));
    if (!found.ok) throw new Error(formatFailure(found.failure));
    expect(found.value.trials.map(({ status }) => status)).toEqual(['failed', 'succeeded', 'failed']);
  });
});

describe('what was computed before', () => {
  test('is not computed again, whatever grid it was in', async () => {
    const memory = new Map<string, Json>();
    const memo = memoOver(memory);
    const first = poolOf(byRate);
    await gridSearch(request(first, { memo }));
    expect(first.calls).toHaveLength(6);
    const second = poolOf(byRate);
    const wider = request(second, {
      memo,
      candidates: [{ learningRate: 0.02 }, { learningRate: 0.01 }, { learningRate: 9 }],
    });
    const found = await gridSearch(wider);
    expect(second.calls.map(({ input }) => (input as unknown as CellInput).settings.learningRate)).toEqual([
      0.02, 0.02,
    ]);
    expect(wider.folds_.map(({ trial, fold, reused }) => [trial, fold, reused])).toEqual([
      [0, 0, false],
      [0, 1, false],
      [1, 0, true],
      [1, 1, true],
      [2, 0, true],
      [2, 1, true],
      [3, 0, true],
      [3, 1, true],
    ]);
    const afresh = await gridSearch(request(poolOf(byRate), { candidates: wider.candidates }));
    expect(found).toEqual(afresh);
  });

  test('is taken up where a search was cut off', async () => {
    const memory = new Map<string, Json>();
    const memo = memoOver(memory);
    let left = 4;
    const cut = poolOf((input) => (left-- > 0 ? byRate(input, 5) : err(failure('STAGE_INTERRUPTED', {}))));
    expect((await gridSearch(request(cut, { memo }))).ok).toBe(false);
    const again = poolOf(byRate);
    const found = await gridSearch(request(again, { memo }));
    expect(again.calls).toHaveLength(2);
    expect(found).toEqual(await gridSearch(request(poolOf(byRate))));
  });

  test('an axis of epochs that grows computes the new values alone', async () => {
    const memo = memoOver(new Map());
    await gridSearch(
      request(
        poolOf((_, epochs) => ok(epochs / 10)),
        { memo, candidates: [{ epochs: 3 }, { epochs: 5 }] },
      ),
    );
    const pool = poolOf((_, epochs) => ok(epochs / 10));
    await gridSearch(request(pool, { memo, candidates: [{ epochs: 3 }, { epochs: 5 }, { epochs: 7 }] }));
    expect(pool.calls.map(({ input }) => (input as unknown as CellInput).scoreAt)).toEqual([[7], [7]]);
  });

  test('a worker that died is no result, and is tried again the next time', async () => {
    const memo = memoOver(new Map());
    const died = failure('TASK_WORKER_DIED', { task: 'cell', tries: 3, how: 'by SIGKILL' });
    const first = await gridSearch(
      request(
        poolOf(({ fold }) => (fold === 0 ? err(died) : ok(0.5))),
        { memo },
      ),
    );
    expect(first.ok ? 'found' : first.failure.code).toBe('SEARCH_ALL_FAILED');
    const pool = poolOf(() => ok(0.5));
    expect((await gridSearch(request(pool, { memo }))).ok).toBe(true);
    expect(pool.calls).toHaveLength(3);
  });
});

describe('pruning', () => {
  const rates = [0.5, 0.9, 0.1, 0.95];
  const candidates = rates.map((learningRate) => ({ learningRate }));
  const constant: Answer = ({ settings }) => ok(settings.learningRate);
  const pruning = { candidates, folds: 4, prune: true, baseline: { ...DEFAULT_SETTINGS, learningRate: 0.5 } };

  test('leaves out folds that cannot change the winner, and marks them', async () => {
    const pool = poolOf(constant);
    const asked = request(pool, pruning);
    const found = await gridSearch(asked);
    if (!found.ok) throw new Error(formatFailure(found.failure));
    expect(found.value.winner).toBe(3);
    expect(found.value.trials.map(({ status, mean }) => [status, mean])).toEqual([
      ['succeeded', 0.5],
      ['succeeded', 0.9],
      ['pruned', null],
      ['succeeded', 0.95],
    ]);
    // 0.1 on the first of four folds leaves at most 0.775.
    expect(asked.folds_.filter(({ trial }) => trial === 2).map(({ status, score }) => [status, score])).toEqual([
      ['succeeded', 0.1],
      ['pruned', null],
      ['pruned', null],
      ['pruned', null],
    ]);
    expect(pool.calls.length).toBeLessThan(16);
  });

  test('says the same for any number of workers and any order of answers, and has the winner of the whole grid', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 3, maxLength: 3 }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.constantFrom(...WINNER_RULES),
        async (table, workers, isReversed, rule) => {
          const answer: Answer = ({ settings, fold }) => ok((table[settings.batch - 1]?.[fold] ?? 0) / 10);
          const grid = table.map((_, index) => ({ batch: index + 1, hidden: [10 - index] }));
          const baseline = { ...DEFAULT_SETTINGS, batch: 1, hidden: [10] };
          const search = (prune: boolean, pool: TaskPool) =>
            gridSearch(request(pool, { candidates: grid, folds: 3, prune, rule, baseline }));
          const whole = await search(false, poolOf(answer));
          const one = await search(true, { ...poolOf(answer), workers: 1 });
          const many = await search(true, { ...poolOf(answer, isReversed), workers });
          expect(many).toEqual(one);
          if (whole.ok && one.ok) expect(one.value.winner).toBe(whole.value.winner);
          expect(one.ok).toBe(whole.ok);
        },
      ),
    );
  });
});
