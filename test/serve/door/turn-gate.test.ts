import { expect, test } from 'vitest';
import { createTurnGate } from '../../../lib/serve/door/turn-gate.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a turn of the event loop takes requests until its time is up, and the next one takes them again', async () => {
  let nowMs = 0;
  const gate = createTurnGate({ budgetMs: 50, atLeast: 2, clock: { elapsed: () => nowMs } });
  expect([gate.admits(), gate.admits()]).toEqual([true, true]);
  nowMs = 49;
  expect(gate.admits()).toBe(true);
  nowMs = 50;
  expect([gate.admits(), gate.admits()]).toEqual([false, false]);
  await nextTurn();
  expect(gate.admits()).toBe(true);
});

test('a few are taken, however long that takes', async () => {
  let nowMs = 0;
  const gate = createTurnGate({ budgetMs: 50, atLeast: 3, clock: { elapsed: () => nowMs } });
  const taken = [1, 2, 3, 4].map(() => {
    nowMs += 100;
    return gate.admits();
  });
  expect(taken).toEqual([true, true, true, false]);
});

test('time that passes between turns is nobody’s fault', async () => {
  let nowMs = 0;
  const gate = createTurnGate({ budgetMs: 50, atLeast: 1, clock: { elapsed: () => nowMs } });
  for (let turn = 0; turn < 5; turn++) {
    expect([gate.admits(), gate.admits()]).toEqual([true, true]);
    await nextTurn();
    nowMs += 1000;
  }
});
