import { afterEach, expect, test } from 'vitest';
import { createKilledThreads } from '../../lib/serve/thread/killed-threads.ts';
import { type AnsweringThread, type BatchOutcome, openThread } from '../../lib/serve/thread/thread.ts';
import { unwrap } from '../data/failed.ts';
import { builtEntry } from '../rig/in-process.ts';
import { rawRows, registerModel } from '../rig/serve.ts';
import { temporaryFolderForAll } from '../rig/temporary-folder.ts';

const inFolder = temporaryFolderForAll();
let opened: AnsweringThread | undefined;
afterEach(() => opened?.close());

async function open(folder: string): Promise<AnsweringThread> {
  const onDeath = () => expect.unreachable();
  const file = builtEntry('serve-thread');
  const killed = createKilledThreads();
  opened = unwrap(await openThread({ file, folder, hash: undefined, batchRows: 4, onDeath, killed }));
  return opened;
}

/** What the thread had answered when it said that it had. */
const ask = ({ ask, ready }: AnsweringThread, inputs: Uint8Array, rows = 1) =>
  new Promise<{ outcome: BatchOutcome; answers: number[] }>((resolve) => {
    ready.shared.values.set(inputs);
    ask(rows, (outcome) => resolve({ outcome, answers: [...ready.shared.answers.subarray(0, 3 * rows)] }));
  });

function expectClose(answers: readonly number[], expected: Float32Array): void {
  expect(answers).toHaveLength(expected.length);
  expected.forEach((value, at) => {
    expect(answers[at]).toBeCloseTo(value, 5);
  });
}

test('a ring that comes when what it was rung for is answered already is not taken for another batch', async () => {
  const { folder, answersOf } = await registerModel(inFolder(), 1);
  const thread = await open(folder);
  // A server that is interrupted between writing and ringing rings a thread that has found what was written, and waits again.
  for (let rung = 0; rung === 0; await new Promise(setImmediate)) rung = Atomics.notify(thread.ready.shared.bell, 0);
  for (const seed of [1, 2, 3]) {
    const inputs = rawRows(1, seed);
    const { outcome, answers } = await ask(thread, inputs);
    expect(outcome.ok).toBe(true);
    expectClose(answers, await answersOf(inputs, 1));
  }
}, 20_000);

test('single rows, which are looked for, and batches, which are told, each get their own answers', async () => {
  const { folder, answersOf } = await registerModel(inFolder(), 2);
  const thread = await open(folder);
  const asked = Array.from({ length: 200 }, (_, seed) => {
    const rows = seed % 12 > 9 ? 3 : 1;
    return { rows, inputs: rawRows(rows, seed) };
  });
  for (const { rows, inputs } of asked) {
    const { outcome, answers } = await ask(thread, inputs, rows);
    expect(outcome.ok).toBe(true);
    expectClose(answers, await answersOf(inputs, rows));
  }
}, 20_000);
