import { describe, expect, test } from 'vitest';
import {
  classifierSpec,
  DEFAULT_SETTINGS,
  hyperparametersOf,
  type Settings,
  settingsOf,
  withCandidate,
} from '../../lib/ml/settings.ts';

const SHAPE = { input: [28, 28], classes: 10 };

const LAYERS: NonNullable<Settings['layers']> = [
  { type: 'conv2d', filters: 4, kernel: 3, activation: 'relu' },
  { type: 'flatten' },
  { type: 'dense', units: 8, activation: 'tanh', l2: 0.5 },
];

describe('a setting', () => {
  test('with layers is those layers and one softmax unit a class; l2 is of those that name none', () => {
    expect(classifierSpec({ ...DEFAULT_SETTINGS, layers: LAYERS, l2: 0.01 }, SHAPE).layers).toEqual([
      { type: 'conv2d', filters: 4, kernel: 3, activation: 'relu', l2: 0.01 },
      { type: 'flatten' },
      { type: 'dense', units: 8, activation: 'tanh', l2: 0.5 },
      { type: 'dense', units: 10, activation: 'softmax', l2: 0.01 },
    ]);
  });

  test.each<[string, Settings]>([
    ['hidden layers', { ...DEFAULT_SETTINGS, hidden: [30, 20], dropout: 0.25, activation: 'tanh', l2: 0.001 }],
    ['no hidden layer', { ...DEFAULT_SETTINGS, hidden: [] }],
    ['layers', { ...DEFAULT_SETTINGS, layers: LAYERS }],
  ])('of %s is read back from the model it made, and makes it again', (_, settings) => {
    const spec = classifierSpec(settings, SHAPE);
    const again = settingsOf(spec, hyperparametersOf(settings));
    expect(classifierSpec(again, SHAPE)).toEqual(spec);
    expect(again.layers === undefined).toBe(settings.layers === undefined);
  });
});

describe('a candidate', () => {
  const baseline: Settings = { ...DEFAULT_SETTINGS, layers: LAYERS };

  test('keeps the layers it does not name', () => {
    expect(withCandidate(baseline, { learningRate: 0.5 })).toEqual({ ...baseline, learningRate: 0.5 });
  });

  test('of another factor has it in every layer that named none, also where the setting was read back from a model', () => {
    const trained = { ...baseline, l2: 0.01 };
    const read = settingsOf(classifierSpec(trained, SHAPE), hyperparametersOf(trained));
    for (const own of [trained, read]) {
      const { layers } = classifierSpec(withCandidate(own, { l2: 0.2 }), SHAPE);
      expect(layers.flatMap((layer) => ('l2' in layer ? [layer.l2] : []))).toEqual([0.2, 0.5, 0.2]);
    }
  });

  test('of hidden layers takes the place of a list of layers', () => {
    expect(withCandidate(baseline, { hidden: [7] })).toEqual({ ...DEFAULT_SETTINGS, hidden: [7] });
  });

  test('of layers takes the place of hidden ones', () => {
    expect(withCandidate(DEFAULT_SETTINGS, { layers: LAYERS })).toEqual(baseline);
  });
});
