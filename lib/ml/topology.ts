import type { LayerSpec, ModelSpec, Transform } from '../domain/model.ts';
import type { Json, JsonObject } from '../util/json.ts';
import type { Weight } from './engine.ts';
import { layerName } from './weights.ts';

/**
 * model.json of TensorFlow.js' layers format, from the spec alone. Its first layers flatten and scale, so whoever loads
 * it feeds raw values. The transform has one pair for all features: that is what a `Rescaling` layer can hold.
 */
export function modelJson(
  spec: ModelSpec,
  { transform, weights }: { transform: Transform; weights: readonly Weight[] },
): JsonObject {
  const [scale, offset] = [transform.scale[0], transform.offset[0]];
  if (transform.scale.length !== 1 || scale === undefined || offset === undefined) {
    throw new Error(`a transform of ${transform.scale.length} pairs does not fit into a rescaling layer`);
  }
  const head: Json[] = [
    layer('Rescaling', {
      name: 'rescaling',
      trainable: true,
      batch_input_shape: [null, ...spec.input],
      dtype: 'float32',
      scale,
      offset,
    }),
    layer('Flatten', { name: 'flatten', trainable: true }),
  ];
  return {
    format: 'layers-model',
    generatedBy: 'mlloop',
    convertedBy: null,
    modelTopology: {
      class_name: 'Sequential',
      config: { name: 'model', layers: [...head, ...spec.layers.map(kerasLayer)] },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: weights.map(({ name, shape }) => ({ name, shape: [...shape], dtype: 'float32' })),
      },
    ],
  };
}

const layer = (className: string, config: JsonObject): JsonObject => ({ class_name: className, config });

function kerasLayer(spec: LayerSpec, index: number): JsonObject {
  const name = layerName(spec, index);
  if (spec.type === 'dropout') return layer('Dropout', { name, trainable: true, rate: spec.rate });
  const { units, activation } = spec;
  return layer('Dense', { name, trainable: true, units, activation, use_bias: true });
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
