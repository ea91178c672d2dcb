import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import type { LayerSpec, ModelSpec } from '../../lib/domain/model.ts';
import { orRaise } from '../../lib/domain/raised.ts';
import type { Rows } from '../../lib/ml/engine.ts';
import { transformFor } from '../../lib/ml/fit-classifier.ts';
import { loadModel, selfTest } from '../../lib/ml/load-model.ts';
import { saveModel } from '../../lib/ml/save-model.ts';
import { createRng, type Rng } from '../../lib/util/rng.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { CHOICE, fitOrThrow, onnxEngine } from './engine.ts';

const inFolder = temporaryFolder();

const MODELS: Readonly<Record<string, { readonly input: readonly number[]; readonly layers: readonly LayerSpec[] }>> = {
  perceptron: {
    input: [8, 7],
    layers: [
      { type: 'dense', units: 9, activation: 'relu' },
      { type: 'dropout', rate: 0.2 },
      { type: 'dense', units: 5, activation: 'tanh' },
    ],
  },
  'two convolutions': {
    input: [10, 9],
    layers: [
      { type: 'conv2d', filters: 3, kernel: 3, activation: 'relu', padding: 'same' },
      { type: 'batchNormalization' },
      { type: 'maxPooling2d', size: 2 },
      { type: 'conv2d', filters: 4, kernel: 2, activation: 'tanh', stride: 2 },
      { type: 'flatten' },
      { type: 'batchNormalization' },
      { type: 'dense', units: 6, activation: 'sigmoid' },
    ],
  },
  'colour images': {
    input: [6, 6, 3],
    layers: [
      { type: 'conv2d', filters: 4, kernel: 3, activation: 'relu' },
      { type: 'maxPooling2d', size: 2, stride: 1 },
    ],
  },
  'looked up': { input: [5], layers: [{ type: 'embedding', inputs: 256, units: 3 }] },
  'rows of a table': { input: [3], layers: [{ type: 'dense', units: 6, activation: 'relu' }] },
  'text as numbers of words': { input: [5], layers: [{ type: 'embedding', inputs: 256, units: 3 }] },
};

/** A year, a share and an income: no two columns are of one size. */
const tableCell = (rng: Rng, column: number): number =>
  [1980 + 40 * rng.next(), 0.01 * rng.next(), 90000 * rng.next()][column] ?? 0;

function rawValues(name: string, length: number, rng: Rng): Rows['inputs'] {
  if (name === 'rows of a table') return Float32Array.from({ length }, (_, at) => tableCell(rng, at % 3));
  const bytes = Uint8Array.from({ length }, () => rng.int(256));
  return name === 'text as numbers of words' ? Int32Array.from(bytes) : bytes;
}

/** A model fitted a little, so that nothing in it is as it starts, saved; and raw rows to ask it. */
async function saved(name: string, folder: string) {
  const { input, layers } = MODELS[name] as (typeof MODELS)[string];
  const rng = createRng(8);
  const width = input.reduce((product, length) => product * length, 1);
  const count = 1000;
  const inputs = rawValues(name, count * width, rng);
  const labels = Int32Array.from({ length: count }, () => rng.int(3));
  const rows: Rows = { count, inputs, labels };
  const spec: ModelSpec = {
    input,
    layers: [...layers, { type: 'dense', units: 3, activation: 'softmax' }],
    loss: 'softmaxCrossEntropy',
  };
  const transform = transformFor(spec, rows);
  const hyperparameters = {
    optimizer: 'adam',
    learningRate: 0.01,
    schedule: { type: 'constant' },
    batch: 50,
    epochs: 2,
    validation: 0,
    patience: 0,
  } as const;
  const engine = await onnxEngine();
  const own = { spec, transform, hyperparameters };
  const fitted = await fitOrThrow(engine, { ...own, seed: 3, train: rows, validation: undefined, signal: undefined });
  const trainedOn = { rows: count, generated: false };
  await saveModel(folder, { card: { ...own, classes: ['a', 'b', 'c'], trainedOn }, fitted, engine, rows });
  return { rows, input };
}

describe('a saved model', () => {
  test.each(Object.keys(MODELS))('(%s) answers 1,000 raw rows alike as TensorFlow.js and as ONNX', async (name) => {
    const folder = inFolder('model');
    const { rows, input } = await saved(name, folder);
    const plain = orRaise(await loadModel(folder, { ...CHOICE, backend: 'cpu' }));
    const expected = await plain.predict(rows.inputs, rows.count);
    expect(await selfTest(plain)).toMatchObject({ passed: true });
    await plain.dispose();
    const session = await InferenceSession.create(join(folder, 'model.onnx'));
    const fed = new Tensor('float32', Float32Array.from(rows.inputs), [rows.count, ...input]);
    const { probabilities } = await session.run({ input: fed });
    expect(probabilities?.dims).toEqual([rows.count, 3]);
    const found = probabilities?.data as Float32Array;
    const largest = expected.reduce((most, value, at) => Math.max(most, Math.abs(value - (found[at] ?? 9))), 0);
    expect(largest).toBeLessThan(1e-5);
  });

  test('is written in the opset and under the names that were promised', async () => {
    const folder = inFolder('model');
    await saved('perceptron', folder);
    const fields = readFields(readFileSync(join(folder, 'model.onnx')));
    const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
    // IR version 8, one import of operators: version 17 of ONNX's own.
    expect(fields.get(1)).toEqual([8]);
    const [opset] = fields.get(8) as Uint8Array[];
    expect(readFields(opset as Uint8Array).get(2)).toEqual([17]);
    const graph = readFields((fields.get(7) as Uint8Array[])[0] as Uint8Array);
    const names = (field: number, name: number): string[] =>
      ((graph.get(field) ?? []) as Uint8Array[]).map((one) => text(readFields(one).get(name)?.[0] as Uint8Array));
    expect(names(11, 1)).toEqual(['input']);
    expect(names(12, 1)).toEqual(['probabilities']);
    expect(names(5, 8).filter((name) => name.includes('/'))).toEqual([
      'dense_1/kernel',
      'dense_1/bias',
      'dense_3/kernel',
      'dense_3/bias',
      'dense_4/kernel',
      'dense_4/bias',
    ]);
    const metadata = readFields((fields.get(14) as Uint8Array[])[0] as Uint8Array);
    expect(text(metadata.get(2)?.[0] as Uint8Array)).toBe('["a","b","c"]');
  });
});

/** Fields of a protocol buffer by number: numbers, or bytes. */
function readFields(bytes: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, (number | Uint8Array)[]>();
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    const value =
      type === WireType.Varint
        ? Number(reader.int64())
        : type === WireType.Bit32
          ? reader.float()
          : Uint8Array.from(reader.bytes());
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}
