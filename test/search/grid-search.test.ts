import { describe, expect, test } from 'vitest';
import { type Failure, failure, formatFailure } from '../../lib/domain/failure.ts';
import type { FoldRecord } from '../../lib/domain/records.ts';
import type { TaskCall, TaskPool } from '../../lib/domain/tasks.ts';
import { DEFAULT_SETTINGS } from '../../lib/ml/settings.ts';
import type { CellInput } from '../../lib/search/cell.ts';
import { gridSearch, type SearchRequest } from '../../lib/search/grid-search.ts';
import { err, ok, type Result } from '../../lib/util/result.ts';
import { CHOICE } from '../ml/engine.ts';

type Answer = (input: CellInput) => Result<number, Failure>;

/** A pool that answers from a table, in the order of a queue that a real pool's workers may give. */
function poolOf(answer: Answer, isReversed = false): TaskPool & { readonly calls: TaskCall[] } {
  const calls: TaskCall[] = [];
  return {
    calls,
    workers: 2,
    call: async (call) => {
      calls.push(call);
      const place = calls.length;
      // Later calls settle first: an answer must not depend on when it comes.
      for (let turn = 0; turn < (isReversed ? 100 - place : place); turn++) await Promise.resolve();
      const result = answer(call.input as unknown as CellInput);
      return result.ok ? ok({ score: result.value, durationMs: 1 }) : err(result.failure);
    },
    close: async () => undefined,
  };
}

const diverged = failure('TRAIN_DIVERGED', { epoch: 1, loss: 'NaN', learningRate: 9 });

function request(pool: TaskPool, more: Partial<SearchRequest> = {}): SearchRequest & { readonly folds_: FoldRecord[] } {
  const folds_: FoldRecord[] = [];
  return {
    pool,
    task: 'cell',
    candidates: [{ learningRate: 0.001 }, { learningRate: 0.01 }, { learningRate: 9 }],
    baseline: DEFAULT_SETTINGS,
    folds: 2,
    rows: null,
    seed: 1,
    engine: CHOICE,
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
      durationMs: 0,
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
