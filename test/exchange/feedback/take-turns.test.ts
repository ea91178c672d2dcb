import { expect, test } from 'vitest';
import { pauseAfter } from '../../../lib/exchange/feedback/take-turns.ts';

/** Milliseconds SQLite rests before it looks at a lock again; the last one from then on. */
const RESTS = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100];

test('whoever waits for the lock looks at it in the pause, however long it was held', () => {
  const missed: number[] = [];
  for (let lockedMs = 0; lockedMs < 5000; lockedMs++) {
    let looksAt = 0;
    for (let time = 0; looksAt <= lockedMs; time++) looksAt += RESTS[Math.min(time, RESTS.length - 1)] ?? 0;
    if (looksAt > lockedMs + pauseAfter(lockedMs)) missed.push(lockedMs);
  }
  expect(missed).toEqual([]);
});
