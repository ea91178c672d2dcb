import { centresOf } from '../data/transform.ts';
import type { ModelSpec, Transform } from '../domain/model.ts';
import { assertNever } from '../util/assert-never.ts';
import type { Json, JsonObject } from '../util/json.ts';
import { BATCH_NORMALIZATION } from './batch-normalization.ts';
import type { Weight } from './engine.ts';
import { type PlacedLayer, placeLayers } from './layer-shapes.ts';

const STANDARDIZE = 'standardize';

/**
 * model.json of TensorFlow.js' layers format, from the spec alone. Its first layer scales, so whoever loads it feeds raw
 * values. `weights` are those of the file: where the first layer has some, they come first.
 */
export function modelJson(
  spec: ModelSpec,
  { transform, weights }: { transform: Transform; weights: readonly Weight[] },
): JsonObject {
  // Whole numbers that are looked up are not scaled, and TensorFlow.js' embedding is fed as it is.
  const head = spec.layers[0]?.type === 'embedding' ? [] : scalingLayers(spec, transform);
  return {
    format: 'layers-model',
    generatedBy: 'mlloop',
    convertedBy: null,
    modelTopology: {
      class_name: 'Sequential',
      config: { name: 'model', layers: [...head, ...bodyOf(spec)] },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: weights.map(({ name, shape: own }) => ({ name, shape: [...own], dtype: 'float32' })),
      },
    ],
  };
}

/**
 * A `Rescaling` layer holds one pair for all features; a pair for each is what a normalisation that learns nothing computes. What is
 * taken off is taken off first, by a layer of its own: multiplied before, large values would have lost their digits.
 */
function scalingLayers({ input }: ModelSpec, transform: Transform): JsonObject[] {
  const { scale, offset } = transform;
  const common = { trainable: true, batch_input_shape: [null, ...input], dtype: 'float32' };
  if (scale.length > 1) {
    const isBare = { axis: -1, epsilon: 0, momentum: 1, center: true, scale: true };
    return [layer('BatchNormalization', { name: STANDARDIZE, ...common, trainable: false, ...isBare })];
  }
  const rescaling = (name: string, factor: number, added: number): JsonObject =>
    layer('Rescaling', { name, ...common, scale: factor, offset: added });
  const [factor, centre] = [scale[0] as number, centresOf(transform)[0] as number];
  return [...(offset[0] === 0 ? [] : [rescaling('centring', 1, -centre)]), rescaling('rescaling', factor, 0)];
}

/** What the scaling layer of model.json keeps in weights.bin: nothing where one pair serves all features. */
export function scalingWeights(transform: Transform): Weight[] {
  const { scale } = transform;
  const width = scale.length;
  if (width === 1) return [];
  const array = (part: string, values: Float32Array): Weight => ({
    name: `${STANDARDIZE}/${part}`,
    shape: [width],
    values,
  });
  return [
    array('gamma', Float32Array.from(scale)),
    array('beta', new Float32Array(width)),
    array('moving_mean', centresOf(transform)),
    array('moving_variance', new Float32Array(width).fill(1)),
  ];
}

const layer = (className: string, config: JsonObject): JsonObject => ({ class_name: className, config });

/** The layers, and between them what turns a row into the shape the next one takes. */
function bodyOf(spec: ModelSpec): Json[] {
  let shape = spec.input;
  return placeLayers(spec).flatMap((placed) => {
    const before: Json[] = [];
    const isFirst = shape === spec.input;
    if (placed.spec.type === 'dense' && shape.length > 1) {
      before.push(layer('Flatten', { name: isFirst ? 'flatten' : `flatten_${placed.index + 1}_in`, trainable: true }));
    } else if (placed.input.length > shape.length) {
      const target = { target_shape: [...placed.input] };
      before.push(layer('Reshape', { name: `reshape_${placed.index + 1}_in`, trainable: true, ...target }));
    }
    shape = placed.output;
    return [...before, kerasLayer(placed, spec)];
  });
}

function kerasLayer({ name, spec }: PlacedLayer, model: ModelSpec): JsonObject {
  const common = { name, trainable: true };
  switch (spec.type) {
    case 'dense': {
      const { units, activation } = spec;
      return layer('Dense', { ...common, units, activation, use_bias: true });
    }
    case 'conv2d': {
      const { filters, kernel, stride = 1, padding = 'valid', activation } = spec;
      const sizes = { kernel_size: [kernel, kernel], strides: [stride, stride] };
      return layer('Conv2D', {
        ...common,
        filters,
        ...sizes,
        padding,
        activation,
        use_bias: true,
        data_format: 'channels_last',
      });
    }
    case 'maxPooling2d': {
      const { size, stride = size } = spec;
      const sizes = { pool_size: [size, size], strides: [stride, stride] };
      return layer('MaxPooling2D', { ...common, ...sizes, padding: 'valid', data_format: 'channels_last' });
    }
    case 'flatten':
      return layer('Flatten', common);
    case 'dropout':
      return layer('Dropout', { ...common, rate: spec.rate });
    case 'batchNormalization':
      return layer('BatchNormalization', { ...common, axis: -1, ...BATCH_NORMALIZATION, center: true, scale: true });
    case 'embedding': {
      const input = { batch_input_shape: [null, ...model.input], dtype: 'float32' };
      return layer('Embedding', { ...common, ...input, input_dim: spec.inputs, output_dim: spec.units });
    }
    default:
      return assertNever(spec);
  }
}

/** Weights one after the other, little-endian, in the manifest's order. */
export function weightBytes(weights: readonly Weight[]): Uint8Array {
  const bytes = new Uint8Array(weights.reduce((sum, { values }) => sum + values.byteLength, 0));
  let at = 0;
  for (const { values } of weights) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}
