import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Augmentation, augmentRows } from '../../lib/data/augment.ts';
import { selectRows } from '../../lib/data/dataset.ts';
import { loadMnist } from '../../lib/data/mnist.ts';
import { rowsWhere, SPLIT } from '../../lib/data/row-ids.ts';
import { fitClassifier } from '../../lib/ml/fit-classifier.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../lib/ml/settings.ts';
import { unwrap } from '../data/failed.ts';
import { onnxEngine } from '../ml/engine.ts';
import { HOME } from '../rig/project.ts';
import { testAccuracy } from './accuracy.ts';

const data = process.env['MLLOOP_DATA'];

/** What a shipped profile says of a stage. */
function profile(name: string, key: string): unknown {
  const { profiles } = parse(readFileSync(join(HOME, 'pipeline.yaml'), 'utf8')) as {
    readonly profiles: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  return profiles[name]?.[key] ?? {};
}

/** Accuracy on MNIST's own test set of a model fitted on all of its training set, for each seed. */
async function accuracies(settings: Partial<Settings>, seeds: readonly number[], augmentation?: Augmentation) {
  const folders = [join(data ?? '', 'mnist')];
  const mnist = unwrap(await loadMnist({ folders, target: '', mirrors: [], signal: new AbortController().signal }));
  const engine = await onnxEngine();
  const learned = selectRows(
    mnist,
    rowsWhere(mnist.rows, (row) => mnist.split[row] === SPLIT.train),
  );
  const found: number[] = [];
  for (const seed of seeds) {
    const dataset = augmentation === undefined ? learned : unwrap(augmentRows(learned, augmentation, seed));
    const rows = Int32Array.from({ length: dataset.rows }, (_, row) => row);
    const whole = { ...DEFAULT_SETTINGS, ...settings, validation: 0 };
    const fit = unwrap(await fitClassifier({ engine, dataset, rows, settings: whole, seed }));
    const { spec, transform, fitted } = fit;
    found.push(await testAccuracy(engine, { spec, transform, weights: fitted.weights }, mnist));
  }
  const mean = found.reduce((sum, accuracy) => sum + accuracy, 0) / found.length;
  process.stdout.write(`MNIST test accuracy by seed: ${found.join(', ')}; mean ${mean.toFixed(4)}\n`);
  return mean;
}

describe.skipIf(data === undefined)('with MNIST in the folder MLLOOP_DATA names', () => {
  test('784-100-10 with Adam 0.001, batch 128, 5 epochs reads 96.8 to 98.2 % of the test set, mean of 3 seeds', async () => {
    const mean = await accuracies({}, [1, 2, 3]);
    expect(mean).toBeGreaterThan(0.968);
    expect(mean).toBeLessThan(0.982);
  });

  test('the profile lenet reads at least 99 %', async () => {
    expect(await accuracies(profile('lenet', 'train.params') as Settings, [1])).toBeGreaterThanOrEqual(0.99);
  });

  test('the profile best, a perceptron with augmentation, reads at least 98.3 %, mean of 3 seeds', async () => {
    const augmentation = profile('best', 'preprocess.params.augment') as Augmentation;
    const settings = profile('best', 'train.params') as Settings;
    expect(await accuracies(settings, [1, 2, 3], augmentation)).toBeGreaterThanOrEqual(0.983);
  });
});
