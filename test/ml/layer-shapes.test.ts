import { describe, expect, test } from 'vitest';
import { formatFailure } from '../../lib/domain/failure.ts';
import type { LayerSpec, ModelSpec } from '../../lib/domain/model.ts';
import { checkShapes, paddingOf, placeLayers } from '../../lib/ml/layer-shapes.ts';

const OUTPUT: LayerSpec = { type: 'dense', units: 3, activation: 'softmax' };

const specOf = (input: readonly number[], ...layers: readonly LayerSpec[]): ModelSpec => ({
  input,
  layers,
  loss: 'softmaxCrossEntropy',
});

const conv = (more: object = {}): LayerSpec => ({
  type: 'conv2d',
  filters: 6,
  kernel: 5,
  activation: 'relu',
  ...more,
});

describe('the shapes of layers', () => {
  test('follow from each other, as in LeNet', () => {
    const pool: LayerSpec = { type: 'maxPooling2d', size: 2 };
    const spec = specOf([28, 28], conv(), pool, conv({ filters: 16 }), pool, { type: 'flatten' }, OUTPUT);
    expect(placeLayers(spec).map(({ name, output }) => `${name} ${output.join('x')}`)).toEqual([
      'conv2d_1 24x24x6',
      'maxPooling2d_2 12x12x6',
      'conv2d_3 8x8x16',
      'maxPooling2d_4 4x4x16',
      'flatten_5 256',
      'dense_6 3',
    ]);
  });

  test('with padding and strides are those of TensorFlow: what is odd comes after', () => {
    const same = { type: 'conv2d', filters: 1, kernel: 4, activation: 'relu', padding: 'same', stride: 2 } as const;
    expect(placeLayers(specOf([7, 6], same, OUTPUT))[0]?.output).toEqual([4, 3, 1]);
    expect(paddingOf(7, same)).toEqual([1, 2]);
    expect(paddingOf(6, same)).toEqual([1, 1]);
  });

  test.each<[string, ModelSpec, string]>([
    [
      'a convolution over what is no image',
      specOf([784], conv(), OUTPUT),
      'The layers do not fit rows of 784: conv2d_1: it takes height x width x channels, and is given 784.',
    ],
    [
      'a window larger than what is left',
      specOf([28, 28], { type: 'maxPooling2d', size: 9 }, conv(), OUTPUT),
      'The layers do not fit rows of 28 x 28: conv2d_2: its window is larger than the 3 x 3 it is given.',
    ],
    [
      'a convolution after flattening',
      specOf([28, 28], { type: 'flatten' }, conv(), OUTPUT),
      'The layers do not fit rows of 28 x 28: conv2d_2: it takes height x width x channels, and is given 784.',
    ],
    [
      'an embedding that is not first',
      specOf([9], { type: 'dropout', rate: 0.1 }, { type: 'embedding', inputs: 5, units: 2 }, OUTPUT),
      'The layers do not fit rows of 9: embedding_2: an embedding looks up raw values, so it has to be the first layer.',
    ],
    [
      'a last layer that is not dense',
      specOf([9], { type: 'dense', units: 4, activation: 'relu' }, { type: 'dropout', rate: 0.1 }),
      'The layers do not fit rows of 9: dropout_2: the last layer has to be dense.',
    ],
  ])('that do not fit are refused by name: %s', (_, spec, message) => {
    const checked = checkShapes(spec);
    expect(checked.ok ? '' : formatFailure(checked.failure)).toBe(
      `${message}\nSee the stage’s param layers; docs/engines.md lists what each layer takes and gives.`,
    );
  });
});
