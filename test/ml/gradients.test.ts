import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ModelSpec } from '../../lib/domain/model.ts';
import { wasmEngine } from './engine.ts';
import { backwardPass, forwardPass, type Perceptron } from './reference-perceptron.ts';

const IDENTITY = { kind: 'affine', scale: [1], offset: [0] } as const;

const specOf = (inputs: number, hidden: number, outputs: number): ModelSpec => ({
  input: [inputs],
  layers: [
    { type: 'dense', units: hidden, activation: 'relu' },
    { type: 'dense', units: outputs, activation: 'sigmoid' },
  ],
  loss: 'squaredError',
});

/** Values a float32 holds exactly, so that both sides compute with the same numbers. */
const value = fc.integer({ min: -1000, max: 1000 }).map((whole) => whole / 512);
const matrix = (rows: number, columns: number) =>
  fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows });

const example = fc
  .record({
    rows: fc.integer({ min: 1, max: 6 }),
    inputs: fc.integer({ min: 1, max: 7 }),
    hidden: fc.integer({ min: 1, max: 6 }),
    outputs: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ rows, inputs, hidden, outputs }) =>
    fc.record({
      x: matrix(rows, inputs),
      y: matrix(rows, outputs),
      w1: matrix(inputs, hidden),
      b1: fc.array(value, { minLength: hidden, maxLength: hidden }),
      w2: matrix(hidden, outputs),
      b2: fc.array(value, { minLength: outputs, maxLength: outputs }),
    }),
  );

const flat = (rows: readonly (readonly number[])[]): Float32Array => Float32Array.from(rows.flat());

const weightsOf = ({ w1, b1, w2, b2 }: Perceptron) => [
  { name: 'dense_1/kernel', shape: [w1.length, b1.length], values: flat(w1) },
  { name: 'dense_1/bias', shape: [b1.length], values: Float32Array.from(b1) },
  { name: 'dense_2/kernel', shape: [w2.length, b2.length], values: flat(w2) },
  { name: 'dense_2/bias', shape: [b2.length], values: Float32Array.from(b2) },
];

const largestDifference = (a: ArrayLike<number>, b: readonly number[]): number =>
  a.length === b.length
    ? b.reduce((most, expected, at) => Math.max(most, Math.abs((a[at] ?? Number.NaN) - expected)), 0)
    : Number.NaN;

describe('the formulas of a two-layer perceptron (ReLU, then sigmoid, squared error)', () => {
  test('forward pass as the engine computes it', async () => {
    const engine = await wasmEngine();
    await fc.assert(
      fc.asyncProperty(example, async ({ x, y: _, ...model }) => {
        const spec = specOf(model.w1.length, model.b1.length, model.b2.length);
        const answers = await engine.predict({
          spec,
          transform: IDENTITY,
          weights: weightsOf(model),
          inputs: flat(x),
          count: x.length,
        });
        expect(largestDifference(answers, forwardPass(model, x).a2.flat())).toBeLessThan(1e-5);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test('backward pass is the gradient the engine follows', async () => {
    const engine = await wasmEngine();
    await fc.assert(
      fc.asyncProperty(example, async ({ x, y, ...model }) => {
        // At exactly 0 the ReLU has no derivative, and either answer would be right.
        fc.pre(
          forwardPass(model, x)
            .z1.flat()
            .every((z) => Math.abs(z) > 1e-6),
        );
        const spec = specOf(model.w1.length, model.b1.length, model.b2.length);
        const request = { spec, transform: IDENTITY, weights: weightsOf(model), inputs: flat(x), count: x.length };
        const { loss, gradients } = await engine.gradients({ ...request, targets: flat(y) });
        const expected = backwardPass(model, x, y);
        expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-5 * Math.max(1, expected.loss));
        const wanted = [expected.w1.flat(), expected.b1, expected.w2.flat(), expected.b2];
        gradients.forEach(({ values }, at) => {
          expect(largestDifference(values, wanted[at] ?? [])).toBeLessThan(1e-5);
        });
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  test('the reference itself agrees with finite differences', () => {
    fc.assert(
      fc.property(example, ({ x, y, ...model }) => {
        fc.pre(
          forwardPass(model, x)
            .z1.flat()
            .every((z) => Math.abs(z) > 1e-3),
        );
        const step = 1e-6;
        const moved = (by: number): Perceptron => ({ ...model, b2: model.b2.map((b, at) => (at === 0 ? b + by : b)) });
        const slope = (backwardPass(moved(step), x, y).loss - backwardPass(moved(-step), x, y).loss) / (2 * step);
        expect(Math.abs(slope - (backwardPass(model, x, y).b2[0] ?? 0))).toBeLessThan(1e-6);
      }),
      { numRuns: 60, seed: 3 },
    );
  });
});
