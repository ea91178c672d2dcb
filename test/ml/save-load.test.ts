import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDataset } from '../../lib/data/dataset.ts';
import { formatFailure } from '../../lib/domain/failure.ts';
import { orRaise } from '../../lib/domain/raised.ts';
import { fitClassifier } from '../../lib/ml/fit-classifier.ts';
import { measureLatency } from '../../lib/ml/latency.ts';
import { loadModel, selfTest } from '../../lib/ml/load-model.ts';
import { saveModel } from '../../lib/ml/save-model.ts';
import { DEFAULT_SETTINGS, hyperparametersOf, settingsOf } from '../../lib/ml/settings.ts';
import { countUp } from '../../lib/util/count-up.ts';
import { createRng } from '../../lib/util/rng.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { CHOICE, onnxEngine, wasmEngine } from './engine.ts';

const inFolder = temporaryFolder();

const settings = { ...DEFAULT_SETTINGS, hidden: [6], dropout: 0.2, epochs: 2, batch: 8 };

/** A model of 4 x 3 pixels and three classes, saved; and raw rows to ask it. */
async function saved(folder: string) {
  const rng = createRng(3);
  const data = Uint8Array.from({ length: 60 * 12 }, () => rng.int(256));
  const label = Int32Array.from({ length: 60 }, (_, row) => row % 3);
  const dataset = orRaise(
    createDataset({ columns: { pixels: { data, shape: [4, 3] }, label }, classes: ['a', 'b', 'c'] }),
  );
  const engine = await wasmEngine();
  const rows = Int32Array.from({ length: 60 }, (_, row) => row);
  const { spec, transform, fitted, trained } = orRaise(
    await fitClassifier({ engine, dataset, rows, settings, seed: 5 }),
  );
  const card = {
    spec,
    hyperparameters: hyperparametersOf(settings),
    transform,
    classes: ['a', 'b', 'c'],
    trainedOn: { rows: trained.count, generated: false },
  };
  await saveModel(folder, { card, fitted, engine, rows: trained });
  const answers = await engine.predict({ spec, transform, weights: fitted.weights, inputs: data, count: 60 });
  return { data, answers };
}

describe('a saved model', () => {
  test('answers raw pixels as it did when it was trained', async () => {
    const folder = inFolder('model');
    const { data, answers } = await saved(folder);
    const model = orRaise(await loadModel(folder, CHOICE));
    const again = await model.predict(data, 60);
    again.forEach((value, at) => {
      expect(Math.abs(value - (answers[at] ?? Number.NaN))).toBeLessThan(1e-6);
    });
    expect((await selfTest(model)).passed).toBe(true);
    await model.dispose();
  });

  test.each([
    ['numbers with fractions', DEFAULT_SETTINGS, Float32Array.from({ length: 240 }, (_, at) => (at * 37.3) % 255)],
    [
      'whole numbers that no byte holds',
      { ...DEFAULT_SETTINGS, layers: [{ type: 'embedding' as const, inputs: 1000, units: 3 }] },
      Int32Array.from({ length: 240 }, (_, at) => (at * 389) % 1000),
    ],
  ])('of %s passes its own test, in every engine', async (_, own, data) => {
    const folder = inFolder('model');
    const label = Int32Array.from({ length: 60 }, (_, row) => row % 3);
    const dataset = orRaise(createDataset({ columns: { x: { data, shape: [4] }, label }, classes: ['a', 'b', 'c'] }));
    const engine = await onnxEngine();
    const { spec, transform, fitted, trained } = orRaise(
      await fitClassifier({ engine, dataset, rows: countUp(60), settings: { ...own, validation: 0 }, seed: 5 }),
    );
    const classes = ['a', 'b', 'c'];
    const trainedOn = { rows: trained.count, generated: false };
    const card = { spec, hyperparameters: hyperparametersOf(own), transform, classes, trainedOn };
    await saveModel(folder, { card, fitted, engine, rows: trained });
    for (const choice of [CHOICE, { ...CHOICE, engine: 'onnx' as const, backend: 'cpu' as const }]) {
      const model = orRaise(await loadModel(folder, choice));
      expect(await selfTest(model)).toMatchObject({ passed: true });
      const asked: number[] = [];
      const predict: typeof model.predict = async (inputs, rows) => {
        asked.push(inputs[0] as number, inputs.length);
        return model.predict(inputs, rows);
      };
      await measureLatency({ golden: model.golden, predict }, { elapsed: () => 0 });
      expect(asked.slice(0, 4)).toEqual([data[0], 4, data[4], 4]);
      await model.dispose();
    }
  });

  test.each([
    ['a column of years', Float32Array, [1], 2009, 6],
    ['a column of times', Float32Array, [1], 1.7e9, 1e5],
    ['a table of times', Float32Array, [2], 1.7e9, 1e5],
    ['a table of times in whole seconds', Int32Array, [2], 1.7e9, 1e5],
    ['an image of large numbers', Float32Array, [2, 2], 1e4, 10],
  ])(
    'of %s passes its own test, whichever engine made it and whichever reads it',
    async (_, of, shape, centre, spread) => {
      const rng = createRng(1);
      const width = shape.reduce((size, side) => size * side, 1);
      const data = of.from(Array.from({ length: 200 * width }, () => centre + spread * rng.normal()));
      const label = Int32Array.from({ length: 200 }, (_, row) => ((data[row * width] as number) > centre ? 1 : 0));
      const classes = ['a', 'b'];
      const dataset = orRaise(createDataset({ columns: { x: { data, shape }, label }, classes }));
      const own = { ...DEFAULT_SETTINGS, hidden: [16], learningRate: 0.02, epochs: 10, batch: 16 };
      for (const engine of [await onnxEngine(), await wasmEngine()]) {
        const folder = inFolder(engine.choice.engine);
        const { spec, transform, fitted, trained } = orRaise(
          await fitClassifier({ engine, dataset, rows: countUp(200), settings: own, seed: 5 }),
        );
        const trainedOn = { rows: trained.count, generated: false };
        const card = { spec, hyperparameters: hyperparametersOf(own), transform, classes, trainedOn };
        await saveModel(folder, { card, fitted, engine, rows: trained });
        for (const choice of [CHOICE, { ...CHOICE, engine: 'onnx' as const, backend: 'cpu' as const }]) {
          const model = orRaise(await loadModel(folder, choice));
          expect(await selfTest(model)).toMatchObject({ passed: true });
          await model.dispose();
        }
      }
    },
  );

  test('is the same bytes twice in one process: no name counts up', async () => {
    const [one, two] = [inFolder('one'), inFolder('two')];
    await saved(one);
    await saved(two);
    for (const name of ['model.json', 'weights.bin', 'model.onnx', 'golden.json', 'history.json', 'mlloop.json']) {
      expect(readFileSync(join(two, name)).equals(readFileSync(join(one, name))), name).toBe(true);
    }
  });

  test('carries its scaling as a layer of its own', async () => {
    const folder = inFolder('model');
    await saved(folder);
    const { modelTopology } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as {
      modelTopology: { config: { layers: { class_name: string; config: { scale?: number } }[] } };
    };
    const layers = modelTopology.config.layers;
    expect(layers.map((layer) => layer.class_name)).toContain('Rescaling');
    expect(layers.find((layer) => layer.class_name === 'Rescaling')?.config.scale).toBeCloseTo(1 / 255, 9);
  });

  test('tells the setting it was made with', async () => {
    const folder = inFolder('model');
    await saved(folder);
    const { card } = orRaise(await loadModel(folder, CHOICE));
    expect(settingsOf(card.spec, card.hyperparameters)).toEqual(settings);
  });

  test('whose weights were changed on disk does not pass its own test', async () => {
    const folder = inFolder('model');
    await saved(folder);
    const weights = readFileSync(join(folder, 'weights.bin'));
    const values = new Float32Array(weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength));
    values[0] = (values[0] ?? 0) + 5;
    writeFileSync(join(folder, 'weights.bin'), new Uint8Array(values.buffer));
    const model = orRaise(await loadModel(folder, CHOICE));
    const result = await selfTest(model);
    expect(result.passed).toBe(false);
    expect(result.maxDifference).toBeGreaterThan(result.tolerance);
  });

  test.each([
    ['mlloop.json', 'it holds no mlloop.json'],
    ['weights.bin', 'it holds no weights.bin'],
  ])('without %s is not loaded', async (name, problem) => {
    const folder = inFolder('model');
    await saved(folder);
    rmSync(join(folder, name));
    const loaded = await loadModel(folder, CHOICE);
    if (loaded.ok) throw new Error('it should not load');
    expect(formatFailure(loaded.failure)).toBe(`${folder} is not a model that can be loaded: ${problem}.`);
  });

  test('that was cut off is not loaded', async () => {
    const folder = inFolder('model');
    await saved(folder);
    writeFileSync(join(folder, 'weights.bin'), readFileSync(join(folder, 'weights.bin')).subarray(0, 40));
    const loaded = await loadModel(folder, CHOICE);
    expect(loaded.ok ? 'loaded' : loaded.failure.code).toBe('TRAIN_NOT_A_MODEL');
  });
});
