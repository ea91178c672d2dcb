import { expect, test } from 'vitest';
import { createTurnGate } from '../../../lib/serve/door/turn-gate.ts';

test('a turn of the event loop takes requests until its time is up, and the next one takes them again', async () => {
  let nowMs = 0;
  const gate = createTurnGate(50, { now: () => nowMs, elapsed: () => nowMs });
  expect(gate.admits()).toBe(true);
  nowMs = 49;
  expect(gate.admits()).toBe(true);
  nowMs = 50;
  expect([gate.admits(), gate.admits()]).toEqual([false, false]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(gate.admits()).toBe(true);
});

test('time that passes between turns is nobody’s fault', async () => {
  let nowMs = 0;
  const gate = createTurnGate(50, { now: () => nowMs, elapsed: () => nowMs });
  for (let turn = 0; turn < 5; turn++) {
    expect(gate.admits()).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    nowMs += 1000;
  }
});
