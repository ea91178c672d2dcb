import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../lib/data/dataset.ts';
import { loadMnist } from '../../lib/data/mnist.ts';
import { rowsWhere, SPLIT } from '../../lib/data/row-ids.ts';
import { generateDigits } from '../../lib/data/synthetic-digits/generate.ts';
import type { Engine, PredictRequest } from '../../lib/ml/engine.ts';
import { fitClassifier } from '../../lib/ml/fit-classifier.ts';
import { probeEngine } from '../../lib/ml/probe-engine.ts';
import { DEFAULT_SETTINGS } from '../../lib/ml/settings.ts';
import { createTfjsEngine } from '../../lib/ml/tfjs/engine.ts';
import { unwrap } from '../data/failed.ts';

const AREA = 28 * 28;

type Model = Pick<PredictRequest, 'spec' | 'transform' | 'weights'>;

/** Share of the dataset's test rows the model gets right. */
async function testAccuracy(engine: Engine, model: Model, dataset: Dataset): Promise<number> {
  const rows = rowsWhere(dataset.rows, (row) => dataset.split[row] === SPLIT.test);
  const start = rows[0] ?? 0;
  const inputs = dataset.feature('pixels').subarray(start * AREA);
  const probabilities = await engine.predict({ ...model, inputs, count: rows.length });
  const isRight = (row: number, at: number): boolean => {
    const answer = probabilities.subarray(at * 10, (at + 1) * 10);
    return answer.indexOf(Math.max(...answer)) === dataset.labels[row];
  };
  return rows.filter(isRight).length / rows.length;
}

async function fitted(seed: number) {
  const engine = await createTfjsEngine(await probeEngine(process.cwd()));
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
