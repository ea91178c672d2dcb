import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AnswerChunk, packedChunk, rowsIn } from '../../../lib/serve/live/answer-chunks.ts';
import { waitingAnswers } from '../../../lib/serve/live/waiting-answers.ts';

interface Row {
  readonly id: string;
  readonly version: number;
  readonly input: readonly number[] | null;
  readonly predicted: number;
  readonly at: number;
}

const rowsOf = (chunk: AnswerChunk): Row[] => {
  const { ids, version, inputs, predicted, at, probabilities } = packedChunk(chunk);
  return ids.map((id, row) => {
    expect(probabilities[2 * row]).toBe(predicted[row]);
    const input = inputs === null ? null : [...inputs.subarray(row * 2, row * 2 + 2)];
    return { id, version, input, predicted: predicted[row] as number, at: at[row] as number };
  });
};

const request = fc.record({
  version: fc.integer({ min: 1, max: 3 }),
  rows: fc.integer({ min: 1, max: 5 }),
  /** As bytes, as numbers that are bytes, or as numbers that are not. */
  kind: fc.constantFrom('bytes', 'numbers', 'fractions'),
});
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ add: request }) },
  fc.constantFrom('take', 'done', 'back'),
  fc.record({ keep: fc.integer({ min: 0, max: 20 }) }),
);

test('whatever is taken, put back and given up, each row is there once, whole, and the rows of a version are in their order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 7 }), (steps, groupRows) => {
      const waiting = waitingAnswers({ keepsInputs: true, groupRows });
      let taken: readonly AnswerChunk[] = [];
      let asked: Row[] = [];
      let number = 0;
      const settle = (): void => {
        const written = taken.flatMap(rowsOf);
        expect(taken.length <= 1 || written.length <= groupRows).toBe(true);
        for (const row of written) expect(asked).toContainEqual(row);
        asked = asked.filter(({ id }) => !written.some((row) => row.id === id));
        for (const { version, input, id } of written) {
          const later = asked.filter((row) => row.version === version && (row.input === null) === (input === null));
          expect(later.every((row) => Number(row.id) > Number(id))).toBe(true);
        }
        waiting.done(taken);
        taken = [];
      };
      for (const one of [...steps, 'done'] as const) {
        if (one === 'take') taken = taken.length > 0 ? taken : waiting.take();
        else if (one === 'done') settle();
        else if (one === 'back') {
          waiting.putBack(taken);
          taken = [];
        } else if ('keep' in one) {
          const lost = waiting.giveUp({ rows: one.keep, bytes: 1e9 });
          const held = new Set(taken.flatMap(rowsOf).map(({ id }) => id));
          expect(waiting.rows()).toBe(asked.length - held.size - lost);
          expect(lost === 0 || waiting.rows() === one.keep).toBe(true);
          // What is left is found by taking it and putting it back.
          const rest: AnswerChunk[] = [];
          for (let more = waiting.take(); more.length > 0; more = waiting.take()) rest.push(...more);
          for (const { id } of rest.flatMap(rowsOf)) held.add(id);
          waiting.putBack(rest);
          asked = asked.filter(({ id }) => held.has(id));
        } else {
          const { version, rows, kind } = one.add;
          for (let row = 0; row < rows; row++, number++) {
            const values = [number % 256, 255];
            const inputs = kind === 'bytes' ? Uint8Array.from(values) : Float32Array.from(values);
            if (kind === 'fractions') inputs[1] = 0.5;
            const row = { id: String(number), version, predicted: number, at: number + 0.5 };
            const probabilities = Float32Array.of(number, 0);
            waiting.add({ ...row, line: 'toy', rows: 1, inputs, probabilities, predicted: [number] });
            asked.push({ ...row, input: kind === 'fractions' ? null : values });
          }
        }
        const inside = taken.reduce((sum, chunk) => sum + rowsIn(chunk), 0);
        expect(waiting.rows()).toBe(asked.length - inside);
      }
    }),
  );
});

test('memory that is free again takes the next rows', () => {
  const waiting = waitingAnswers({ keepsInputs: true, groupRows: 100 });
  const add = (id: string): void =>
    waiting.add({
      ...{ id, line: 'toy', version: 1, rows: 1, predicted: [0], at: 0 },
      inputs: Uint8Array.of(1),
      probabilities: Float32Array.of(1),
    });
  add('a');
  const first = waiting.take();
  add('b');
  waiting.done(first);
  const second = waiting.take();
  add('c');
  expect(waiting.take()[0]?.at.buffer).toBe(first[0]?.at.buffer);
  expect(second.flatMap(({ ids }) => ids)).toEqual(['b']);
});

test('where nothing can be written for long, few rows hold little memory', () => {
  const waiting = waitingAnswers({ keepsInputs: true, groupRows: 4096 });
  for (let at = 0; at < 50; at++) {
    waiting.add({
      ...{ id: String(at), line: 'toy', version: 1, rows: 1, predicted: [0], at: 0 },
      inputs: new Uint8Array(784),
      probabilities: new Float32Array(10),
    });
    waiting.putBack(waiting.take());
  }
  const held = waiting.take().reduce((sum, { at }) => sum + at.buffer.byteLength, 0);
  expect(held).toBeLessThan(50 * 1000);
});
