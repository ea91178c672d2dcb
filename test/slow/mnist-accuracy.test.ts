import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadMnist } from '../../lib/data/mnist.ts';
import { rowsWhere, SPLIT } from '../../lib/data/row-ids.ts';
import { fitClassifier } from '../../lib/ml/fit-classifier.ts';
import { DEFAULT_SETTINGS } from '../../lib/ml/settings.ts';
import { unwrap } from '../data/failed.ts';
import { onnxEngine } from '../ml/engine.ts';
import { testAccuracy } from './accuracy.ts';

const data = process.env['MLLOOP_DATA'];

describe.skipIf(data === undefined)('with MNIST in the folder MLLOOP_DATA names', () => {
  test('784-100-10 with Adam 0.001, batch 128, 5 epochs reads 96.8 to 98.2 % of the test set, mean of 3 seeds', async () => {
    const folders = [join(data ?? '', 'mnist')];
    const mnist = unwrap(await loadMnist({ folders, target: '', mirrors: [], signal: new AbortController().signal }));
    const engine = await onnxEngine();
    const rows = rowsWhere(mnist.rows, (row) => mnist.split[row] === SPLIT.train);
    const accuracies: number[] = [];
    for (const seed of [1, 2, 3]) {
      const settings = { ...DEFAULT_SETTINGS, validation: 0 };
      const { spec, transform, fitted } = unwrap(await fitClassifier({ engine, dataset: mnist, rows, settings, seed }));
      accuracies.push(await testAccuracy(engine, { spec, transform, weights: fitted.weights }, mnist));
    }
    const mean = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length;
    process.stdout.write(`MNIST test accuracy by seed: ${accuracies.join(', ')}; mean ${mean.toFixed(4)}\n`);
    expect(mean).toBeGreaterThan(0.968);
    expect(mean).toBeLessThan(0.982);
  });
});
