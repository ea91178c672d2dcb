import { describe, expect, test } from 'vitest';
import type { Hyperparameters, LayerSpec, ModelSpec, OptimizerName } from '../../lib/domain/model.ts';
import type { FitRequest, Rows, Weight } from '../../lib/ml/engine.ts';
import { createRng } from '../../lib/util/rng.ts';
import { fitOrThrow, onnxEngine, plainEngine, wasmEngine } from './engine.ts';

/** Rows of small images (or of words, where they are looked up) whose class shows in them. */
function rows(count: number, input: readonly number[], { words, isBordered = false }: Partial<Case>): Rows {
  const rng = createRng(11);
  const width = input.reduce((product, length) => product * length, 1);
  const labels = Int32Array.from({ length: count }, () => rng.int(3));
  const inputs = Uint8Array.from({ length: count * width }, (_, at) => {
    const label = labels[Math.floor(at / width)] as number;
    if (isBordered && [0, 1, 2].includes(at % BORDER)) return 0;
    if (words !== undefined) return (rng.int(words) + label * 2) % words;
    return at % 3 === label ? 100 + rng.int(156) : rng.int(120);
  });
  return { count, inputs, labels };
}

/** Of a bordered image the first three of so many columns are empty. */
const BORDER = 8;

const OUTPUT: LayerSpec = { type: 'dense', units: 3, activation: 'softmax' };
const ROWS = 320;
const BATCH = 32;

interface Case {
  readonly layers: readonly LayerSpec[];
  readonly input?: readonly number[];
  readonly words?: number;
  /** Whether some columns are zero in every row. */
  readonly isBordered?: boolean;
  readonly loss?: ModelSpec['loss'];
  readonly last?: LayerSpec;
}

const MODELS: Readonly<Record<string, Case>> = {
  'dense, relu': { layers: [{ type: 'dense', units: 7, activation: 'relu' }] },
  'dense, sigmoid': { layers: [{ type: 'dense', units: 7, activation: 'sigmoid' }] },
  'dense, tanh': { layers: [{ type: 'dense', units: 7, activation: 'tanh' }] },
  'dense, softmax inside': { layers: [{ type: 'dense', units: 7, activation: 'softmax' }] },
  'empty columns': { isBordered: true, layers: [{ type: 'dense', units: 7, activation: 'relu' }] },
  'empty columns, flattened': {
    isBordered: true,
    layers: [{ type: 'flatten' }, { type: 'dense', units: 9, activation: 'tanh' }, { type: 'dropout', rate: 0.2 }],
  },
  'empty columns under L2': {
    isBordered: true,
    layers: [{ type: 'dense', units: 7, activation: 'relu', l2: 0.02 }],
  },
  'two hidden layers': {
    layers: [
      { type: 'dense', units: 9, activation: 'relu' },
      { type: 'dense', units: 7, activation: 'linear' },
    ],
  },
  L2: { layers: [{ type: 'dense', units: 7, activation: 'relu', l2: 0.02 }] },
  dropout: {
    layers: [
      { type: 'dense', units: 12, activation: 'tanh' },
      { type: 'dropout', rate: 0.3 },
    ],
  },
  'dropout of raw values': {
    layers: [
      { type: 'dropout', rate: 0.2 },
      { type: 'dense', units: 7, activation: 'relu' },
    ],
  },
  'squared error': {
    layers: [{ type: 'dense', units: 7, activation: 'tanh' }],
    loss: 'squaredError',
    last: { type: 'dense', units: 3, activation: 'sigmoid' },
  },
  'squared error of a softmax': { layers: [{ type: 'dense', units: 7, activation: 'tanh' }], loss: 'squaredError' },
  conv2d: { layers: [{ type: 'conv2d', filters: 4, kernel: 3, activation: 'relu' }] },
  'conv2d, stride and padding': {
    layers: [
      { type: 'conv2d', filters: 4, kernel: 3, activation: 'tanh', stride: 2, padding: 'same' },
      { type: 'conv2d', filters: 3, kernel: 2, activation: 'relu', stride: 1, padding: 'same' },
    ],
  },
  'conv2d, stride that leaves some over': {
    layers: [
      { type: 'conv2d', filters: 3, kernel: 2, activation: 'tanh' },
      { type: 'conv2d', filters: 3, kernel: 3, activation: 'tanh', stride: 2 },
    ],
  },
  'conv2d of three channels': {
    input: [6, 5, 3],
    layers: [{ type: 'conv2d', filters: 4, kernel: 3, activation: 'relu', l2: 0.01 }],
  },
  'conv2d, pooling, flatten, dropout': {
    layers: [
      { type: 'conv2d', filters: 4, kernel: 3, activation: 'relu' },
      { type: 'maxPooling2d', size: 2 },
      { type: 'dropout', rate: 0.2 },
      { type: 'flatten' },
      { type: 'dropout', rate: 0.2 },
      { type: 'dense', units: 6, activation: 'relu' },
    ],
  },
  'pooling that overlaps': {
    layers: [
      { type: 'conv2d', filters: 3, kernel: 2, activation: 'tanh' },
      { type: 'maxPooling2d', size: 3, stride: 2 },
    ],
  },
  'batch normalisation': {
    layers: [{ type: 'dense', units: 7, activation: 'tanh' }, { type: 'batchNormalization' }],
  },
  'batch normalisation of raw images': {
    layers: [{ type: 'batchNormalization' }, { type: 'conv2d', filters: 4, kernel: 3, activation: 'tanh' }],
  },
  'batch normalisation of channels': {
    layers: [{ type: 'conv2d', filters: 4, kernel: 3, activation: 'relu' }, { type: 'batchNormalization' }],
  },
  'batch normalisation of flattened channels': {
    layers: [
      { type: 'conv2d', filters: 2, kernel: 4, activation: 'relu' },
      { type: 'flatten' },
      { type: 'batchNormalization' },
    ],
  },
  embedding: { input: [5], words: 9, layers: [{ type: 'embedding', inputs: 9, units: 4 }] },
};

const HYPERPARAMETERS: Hyperparameters = {
  optimizer: 'adam',
  learningRate: 0.004,
  schedule: { type: 'step', every: 5, factor: 0.7 },
  batch: BATCH,
  epochs: 1,
  validation: 0,
  patience: 0,
};

function requestOf(name: string, optimizer: OptimizerName, steps: number): FitRequest {
  const { layers, input = [8, 6], loss = 'softmaxCrossEntropy', last = OUTPUT, ...kind } = MODELS[name] as Case;
  const all = rows(ROWS, input, kind);
  // A step is an epoch of one batch, ten are one of all rows.
  const train =
    steps === 1 ? { ...all, count: BATCH, chosen: Int32Array.from({ length: BATCH }, (_, row) => row) } : all;
  return {
    spec: { input, layers: [...layers, last], loss },
    hyperparameters: { ...HYPERPARAMETERS, optimizer, epochs: Math.max(1, steps / (ROWS / BATCH)) },
    transform: { kind: 'affine', scale: [kind.words === undefined ? 1 / 255 : 1], offset: [0] },
    seed: 5,
    train,
    validation: undefined,
    signal: undefined,
  };
}

/** Of every array: the length of the difference by the length of the array, and the largest difference. */
const differences = (found: readonly Weight[], expected: readonly Weight[]) =>
  found.map(({ name, values }, at) => {
    const other = expected[at]?.values ?? new Float32Array();
    const squares = (list: Iterable<number>): number => [...list].reduce((sum, value) => sum + value * value, 0);
    const away = [...values].map((value, index) => value - (other[index] ?? Number.NaN));
    const length = Math.sqrt(squares(other));
    return {
      name,
      relative: length === 0 ? 0 : Math.sqrt(squares(away)) / length,
      largest: Math.max(...away.map(Math.abs)),
    };
  });

/** Where every kernel is in WebAssembly that one is the reference, because it is fast. */
const needsPlain = (name: string): boolean => /conv|embedding|images|pooling|channels/.test(name);

export async function expectParity(name: string, optimizer: OptimizerName, steps: number): Promise<void> {
  const request = requestOf(name, optimizer, steps);
  const [reference, own] = [await (needsPlain(name) ? plainEngine() : wasmEngine()), await onnxEngine()];
  const [expected, found] = [await fitOrThrow(reference, request), await fitOrThrow(own, request)];
  const far = differences(found.weights, expected.weights).filter(
    ({ relative, largest }) => !(relative <= 1e-5 && largest <= 1e-4),
  );
  expect(far).toEqual([]);
  expect(found.history.at(-1)?.loss).toBeCloseTo(expected.history.at(-1)?.loss ?? Number.NaN, 4);
  expect(found.history.at(-1)?.accuracy).toBeCloseTo(expected.history.at(-1)?.accuracy ?? Number.NaN, 2);
}

/**
 * From the same start and in the same order ONNX Runtime has to end where TensorFlow.js does. Layers are compared under
 * momentum, which follows the gradients as they are: Adam divides them by their own size, so that where a gradient is
 * nothing but rounding, as by a bias before a normalisation, it would compare noise.
 */
export function describeParity(steps: readonly number[]): void {
  describe.each(Object.keys(MODELS))('%s', (name) => {
    test.each(steps)('after %i steps', (count) => expectParity(name, 'momentum', count));
  });

  describe.each(['sgd', 'momentum', 'adagrad', 'rmsprop', 'adam'] as const)('%s', (optimizer) => {
    test.each(steps)('after %i steps', (count) => expectParity('dense, relu', optimizer, count));
    test.each(steps)('with empty columns, after %i steps', (count) => expectParity('empty columns', optimizer, count));
    test.each(steps)('with L2, after %i steps', (count) => expectParity('L2', optimizer, count));
    test.each(steps)('with dropout, after %i steps', (count) => expectParity('dropout', optimizer, count));
  });
}
