import { describe, expect, test } from 'vitest';
import type { TaskCall, TaskPool } from '../../lib/domain/tasks.ts';
import { DEFAULT_SETTINGS } from '../../lib/ml/settings.ts';
import type { RefitProgress } from '../../lib/search/refit.ts';
import { createRefit, type Refit } from '../../lib/search/refit-ahead.ts';
import type { Json } from '../../lib/util/json.ts';
import { ok } from '../../lib/util/result.ts';
import { CHOICE } from '../ml/engine.ts';

const [small, large] = [
  { ...DEFAULT_SETTINGS, hidden: [10] },
  { ...DEFAULT_SETTINGS, hidden: [20] },
];

const HALF: RefitProgress = { type: 'batch', epoch: 1, share: 0.5 };

/** A refit over workers that answer with the hidden layers they were asked for. */
function over(workers: number, scale = 1): { readonly refit: Refit; readonly calls: TaskCall[] } {
  const calls: TaskCall[] = [];
  const pool: TaskPool = {
    workers,
    start: () => undefined,
    call: async (call) => {
      calls.push(call);
      call.onProgress?.(HALF as unknown as Json);
      const { settings } = call.input as { readonly settings: { readonly hidden: number[] } };
      return ok({ value: settings.hidden, usage: { wallMs: 1, cpuMs: 1, peakMemoryBytes: null } });
    },
    close: async () => undefined,
  };
  const split = { rows: null, folds: 3, splitSeed: 2 };
  return { calls, refit: createRefit({ pool, task: 'refit', seed: 1, scale, engine: CHOICE, ...split }) };
}

const standing = { leader: small, known: 0.9, waitingCost: 10, refitCost: 10 };

async function answerOf(refit: Refit): Promise<{ readonly value: unknown; readonly heard: RefitProgress[] }> {
  const heard: RefitProgress[] = [];
  const answer = await refit.of(small, (progress) => heard.push(progress));
  return { value: answer.ok ? answer.value.value : answer.failure, heard };
}

describe('the refit', () => {
  test.each([
    ['with the leader once the others need no longer than it does', 2, {}, 1],
    ['not while more than that waits', 2, { waitingCost: 11 }, 0],
    ['for more others, more may wait', 3, { waitingCost: 20 }, 1],
    ['not while too few candidates are through', 2, { known: 0.7 }, 0],
    ['not where there is one worker', 1, { waitingCost: 0 }, 0],
  ])('begins ahead: %s', (_, workers, more, begun) => {
    const { refit, calls } = over(workers);
    refit.consider({ ...standing, ...more });
    expect(calls).toHaveLength(begun);
  });

  test('takes longer where the search looked at a part of the rows', () => {
    const { refit, calls } = over(2, 4);
    refit.consider({ ...standing, waitingCost: 40 });
    expect(calls).toHaveLength(1);
  });

  test('that began ahead is the one that counts, and is heard of from its start', async () => {
    const { refit, calls } = over(2);
    refit.consider(standing);
    refit.consider(standing);
    expect(await answerOf(refit)).toEqual({ value: [10], heard: [HALF] });
    expect(calls).toHaveLength(1);
  });

  test('of another than the winner is never told', async () => {
    const { refit, calls } = over(2);
    refit.consider({ ...standing, leader: large });
    expect(await answerOf(refit)).toEqual({ value: [10], heard: [HALF] });
    expect(calls.map(({ input }) => (input as { settings: { hidden: number[] } }).settings.hidden)).toEqual([
      [20],
      [10],
    ]);
  });

  test('begins at the end where nothing was begun before', async () => {
    const { refit, calls } = over(1);
    expect(await answerOf(refit)).toEqual({ value: [10], heard: [HALF] });
    expect(calls).toHaveLength(1);
  });
});
