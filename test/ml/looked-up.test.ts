import { expect, test } from 'vitest';
import { createDataset } from '../../lib/data/dataset.ts';
import { failureText } from '../../lib/domain/failure.ts';
import { orRaise } from '../../lib/domain/raised.ts';
import { answerRows } from '../../lib/ml/answer-rows.ts';
import { fitClassifier } from '../../lib/ml/fit-classifier.ts';
import { saveModel } from '../../lib/ml/save-model.ts';
import { DEFAULT_SETTINGS, hyperparametersOf } from '../../lib/ml/settings.ts';
import { trainingData } from '../../lib/ml/training-rows.ts';
import { countUp } from '../../lib/util/count-up.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { onnxEngine, plainEngine } from './engine.ts';

const inFolder = temporaryFolder();

const settings = { ...DEFAULT_SETTINGS, layers: [{ type: 'embedding' as const, inputs: 12, units: 3 }], validation: 0 };

/** Rows of four whole numbers below 12, but for those that are given instead. */
function dataset(data: Uint8Array | Int32Array | Float32Array, instead: Readonly<Record<number, number>> = {}) {
  data.forEach((_, at) => {
    data[at] = instead[at] ?? at % 12;
  });
  const label = Int32Array.from({ length: data.length / 4 }, (_, row) => row % 2);
  return orRaise(createDataset({ columns: { x: { data, shape: [4] }, label }, classes: ['a', 'b'] }));
}

const problem = (told: string): string =>
  `The layers do not fit rows of 4: embedding_1: it looks up whole numbers from 0 to 11, and ${told}.`;

test.each([
  ['too large', dataset(new Uint8Array(240), { 9: 12 }), 'row 2 has 12 as value 1'],
  ['negative', dataset(new Int32Array(240), { 4: -1 }), 'row 1 has -1 as value 0'],
  ['no whole number', dataset(new Float32Array(240), { 7: 1.5 }), 'row 1 has 1.5 as value 3'],
])('a value that is %s is not learned from, whatever the engine', async (_, rows, told) => {
  for (const engine of [await onnxEngine(), await plainEngine()]) {
    const fitted = await fitClassifier({ engine, dataset: rows, rows: countUp(60), settings, seed: 1 });
    expect(fitted.ok ? 'fitted' : failureText(fitted.failure)).toBe(problem(told));
  }
});

test('a value that a model cannot look up is no bug of its engine', async () => {
  const folder = inFolder('model');
  const engine = await onnxEngine();
  const made = orRaise(
    await fitClassifier({ engine, dataset: dataset(new Uint8Array(240)), rows: countUp(60), settings, seed: 1 }),
  );
  const { spec, transform, fitted, trained } = made;
  const trainedOn = { rows: 60, generated: false };
  const card = { spec, hyperparameters: hyperparametersOf(settings), transform, classes: ['a', 'b'], trainedOn };
  await saveModel(folder, { card, fitted, engine, rows: trained });
  const { rows } = orRaise(trainingData(dataset(new Uint8Array(16), { 5: 200 })));
  const answered = await answerRows({ folder, choice: engine.choice, rows });
  expect(answered.ok ? 'answered' : failureText(answered.failure)).toBe(problem('row 1 has 200 as value 1'));
});
