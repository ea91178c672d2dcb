import { beforeAll, describe, expect, test } from 'vitest';
import type { Activation, LayerSpec, ModelSpec } from '../../lib/domain/model.ts';
import type { Engine, Weight } from '../../lib/ml/engine.ts';
import { initialWeights } from '../../lib/ml/weights.ts';
import { createRng } from '../../lib/util/rng.ts';
import { onnxEngine } from './engine.ts';
import { referenceLoss } from './reference-network.ts';

const OUTPUT: LayerSpec = { type: 'dense', units: 3, activation: 'softmax' };
const dense = (activation: Activation): LayerSpec => ({ type: 'dense', units: 4, activation });

interface Case {
  readonly layers: readonly LayerSpec[];
  readonly input?: readonly number[];
  readonly loss?: ModelSpec['loss'];
}

/** A rule a line: what it is of, and the smallest model it is needed in. */
const RULES: Readonly<Record<string, Case>> = {
  'dense, from rows and from columns': { layers: [dense('linear'), dense('linear'), OUTPUT] },
  relu: { layers: [dense('relu'), OUTPUT] },
  sigmoid: { layers: [dense('sigmoid'), OUTPUT] },
  tanh: { layers: [dense('tanh'), OUTPUT] },
  softmax: { layers: [dense('softmax'), OUTPUT] },
  'softmax of images': {
    layers: [{ type: 'conv2d', filters: 3, kernel: 2, activation: 'softmax' }, OUTPUT],
    input: [3, 4],
  },
  'softmax cross-entropy': { layers: [OUTPUT] },
  'squared error': { layers: [dense('tanh'), OUTPUT], loss: 'squaredError' },
  L2: { layers: [{ type: 'dense', units: 4, activation: 'tanh', l2: 0.1 }, OUTPUT] },
  conv2d: { layers: [{ type: 'conv2d', filters: 2, kernel: 2, activation: 'tanh' }, OUTPUT], input: [4, 5] },
  'conv2d after conv2d, channels and padding': {
    layers: [
      { type: 'conv2d', filters: 3, kernel: 3, activation: 'tanh', padding: 'same' },
      { type: 'conv2d', filters: 2, kernel: 2, activation: 'sigmoid', padding: 'same' },
      OUTPUT,
    ],
    input: [4, 5, 2],
  },
  'conv2d with a stride that leaves some over': {
    layers: [
      { type: 'conv2d', filters: 2, kernel: 1, activation: 'tanh' },
      { type: 'conv2d', filters: 2, kernel: 3, activation: 'tanh', stride: 2 },
      OUTPUT,
    ],
    input: [6, 4],
  },
  'conv2d with a stride and padding': {
    layers: [
      { type: 'conv2d', filters: 2, kernel: 1, activation: 'tanh' },
      { type: 'conv2d', filters: 2, kernel: 3, activation: 'tanh', stride: 2, padding: 'same', l2: 0.05 },
      OUTPUT,
    ],
    input: [6, 5],
  },
  'max pooling': {
    layers: [{ type: 'conv2d', filters: 2, kernel: 2, activation: 'tanh' }, { type: 'maxPooling2d', size: 2 }, OUTPUT],
    input: [5, 6],
  },
  'max pooling that overlaps': {
    layers: [
      { type: 'conv2d', filters: 2, kernel: 1, activation: 'tanh' },
      { type: 'maxPooling2d', size: 3, stride: 1 },
      { type: 'flatten' },
      OUTPUT,
    ],
    input: [5, 4],
  },
  'batch normalisation': { layers: [dense('tanh'), { type: 'batchNormalization' }, dense('tanh'), OUTPUT] },
  'batch normalisation of channels': {
    layers: [
      { type: 'conv2d', filters: 2, kernel: 2, activation: 'tanh' },
      { type: 'batchNormalization' },
      { type: 'conv2d', filters: 2, kernel: 2, activation: 'tanh' },
      { type: 'flatten' },
      { type: 'batchNormalization' },
      OUTPUT,
    ],
    input: [4, 4],
  },
  embedding: { layers: [{ type: 'embedding', inputs: 6, units: 3 }, dense('tanh'), OUTPUT], input: [4] },
};

const ROWS = 5;
const IDENTITY = { kind: 'affine', scale: [1], offset: [0] } as const;

function example({ layers, input = [5], loss = 'softmaxCrossEntropy' }: Case) {
  const rng = createRng(23);
  const spec: ModelSpec = { input, layers, loss };
  const width = input.reduce((product, length) => product * length, 1);
  const isLookedUp = layers[0]?.type === 'embedding';
  const value = (): number => (isLookedUp ? rng.int(6) : rng.between(-1.5, 1.5));
  const inputs = Float32Array.from({ length: ROWS * width }, value);
  const targets = new Float32Array(ROWS * 3);
  for (let row = 0; row < ROWS; row++) targets[row * 3 + rng.int(3)] = 1;
  // Away from where everything starts alike: biases of zero, factors of one.
  const weights = initialWeights(spec, 9).map((weight) => ({
    ...weight,
    values: weight.values.map((start) => start + rng.between(-0.3, 0.3)),
  }));
  return { spec, transform: IDENTITY, weights, inputs, targets, count: ROWS };
}

type Example = ReturnType<typeof example>;

const STEP = 1e-5;

/** (L(w + h) − L(w − h)) / 2h in float64, for every number of every array. */
function slopes({ spec, weights, inputs, targets }: Example, name: string): number[] {
  const arrays = new Map(weights.map((weight) => [weight.name, Float64Array.from(weight.values)]));
  const own = arrays.get(name) ?? new Float64Array();
  const lossAt = (at: number, value: number): number => {
    const before = own[at] as number;
    own[at] = value;
    const loss = referenceLoss(spec, {
      arrays,
      inputs: Float64Array.from(inputs),
      targets: Float64Array.from(targets),
    });
    own[at] = before;
    return loss;
  };
  return [...own].map((value, at) => (lossAt(at, value + STEP) - lossAt(at, value - STEP)) / (2 * STEP));
}

describe('the gradient rule of', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await onnxEngine();
  });

  test.each(Object.keys(RULES))('%s agrees with finite differences in float64', async (rule) => {
    const asked = example(RULES[rule] as Case);
    const { loss, gradients } = await engine.gradients(asked);
    const arrays = new Map(asked.weights.map((weight) => [weight.name, Float64Array.from(weight.values)]));
    const [inputs, targets] = [Float64Array.from(asked.inputs), Float64Array.from(asked.targets)];
    expect(Math.abs(loss - referenceLoss(asked.spec, { arrays, inputs, targets }))).toBeLessThan(1e-5);
    const far = gradients.filter(({ name, values }: Weight) => {
      const expected = slopes(asked, name);
      const largest = Math.max(...expected.map((slope, at) => Math.abs(slope - (values[at] ?? Number.NaN))));
      return !(largest < 2e-6 * Math.max(1, ...expected.map(Math.abs)));
    });
    expect(far.map(({ name }) => name)).toEqual([]);
    const learned = asked.weights.filter(({ name }) => !name.includes('/moving_'));
    expect(gradients.map(({ name }) => name)).toEqual(learned.map(({ name }) => name));
  });
});
