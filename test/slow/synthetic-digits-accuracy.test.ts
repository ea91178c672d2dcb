import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadMnist } from '../../lib/data/mnist.ts';
import { rowsWhere, SPLIT } from '../../lib/data/row-ids.ts';
import { generateDigits } from '../../lib/data/synthetic-digits/generate.ts';
import { fitClassifier } from '../../lib/ml/fit-classifier.ts';
import { DEFAULT_SETTINGS } from '../../lib/ml/settings.ts';
import { unwrap } from '../data/failed.ts';
import { onnxEngine } from '../ml/engine.ts';
import { testAccuracy } from './accuracy.ts';

async function fitted(seed: number) {
  const engine = await onnxEngine();
  const digits = unwrap(generateDigits({ train: 6000, test: 1000 }, seed));
  const rows = rowsWhere(digits.rows, (row) => digits.split[row] === SPLIT.train);
  const request = { engine, dataset: digits, rows, settings: { ...DEFAULT_SETTINGS, validation: 0 }, seed };
  const { spec, transform, fitted: fit } = unwrap(await fitClassifier(request));
  return { engine, digits, model: { spec, transform, weights: fit.weights } };
}

test.each([1, 2, 42])(
  'a 784-100-10 perceptron reads 95 to 99 % of the generated test digits of seed %i',
  async (seed) => {
    const { engine, digits, model } = await fitted(seed);
    const accuracy = await testAccuracy(engine, model, digits);
    expect(accuracy).toBeGreaterThan(0.95);
    expect(accuracy).toBeLessThan(0.99);
  },
);

const data = process.env['MLLOOP_DATA'];
describe.skipIf(data === undefined)('with MNIST in the folder MLLOOP_DATA names', () => {
  test('a model of generated digits reads about 78 % of the MNIST test set, as README says', async () => {
    const folders = [join(data ?? '', 'mnist')];
    const request = { folders, target: '', mirrors: [], signal: new AbortController().signal };
    const { engine, model } = await fitted(42);
    const accuracy = await testAccuracy(engine, model, unwrap(await loadMnist(request)));
    expect(accuracy).toBeGreaterThan(0.74);
    expect(accuracy).toBeLessThan(0.82);
  });
});
