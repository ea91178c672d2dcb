import { afterEach, expect, test } from 'vitest';
import { type AnsweringThread, type BatchOutcome, openThread } from '../../lib/serve/thread/thread.ts';
import { unwrap } from '../data/failed.ts';
import { builtEntry } from '../rig/in-process.ts';
import { rawRows, registerModel } from '../rig/serve.ts';
import { temporaryFolderForAll } from '../rig/temporary-folder.ts';

const inFolder = temporaryFolderForAll();
let opened: AnsweringThread | undefined;
afterEach(() => opened?.close());

/** What the thread had answered when it said that it had. */
const ask = ({ ask, ready }: AnsweringThread, inputs: Uint8Array) =>
  new Promise<{ outcome: BatchOutcome; answers: number[] }>((resolve) => {
    ready.shared.values.set(inputs);
    ask(1, (outcome) => resolve({ outcome, answers: [...ready.shared.answers.subarray(0, 3)] }));
  });

test('a ring that comes when what it was rung for is answered already is not taken for another batch', async () => {
  const { folder, answersOf } = await registerModel(inFolder(), 1);
  const onDeath = () => expect.unreachable();
  const thread = unwrap(
    await openThread({ file: builtEntry('serve-thread'), folder, hash: undefined, batchRows: 4, onDeath }),
  );
  opened = thread;
  // A server that is interrupted between writing and ringing rings a thread that has found what was written, and waits again.
  for (let rung = 0; rung === 0; await new Promise(setImmediate)) rung = Atomics.notify(thread.ready.shared.bell, 0);
  for (const seed of [1, 2, 3]) {
    const inputs = rawRows(1, seed);
    const { outcome, answers } = await ask(thread, inputs);
    expect(outcome.ok).toBe(true);
    const expected = await answersOf(inputs, 1);
    expected.forEach((value, at) => {
      expect(answers[at]).toBeCloseTo(value, 5);
    });
  }
}, 20_000);
