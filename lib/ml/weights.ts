import type { LayerSpec, ModelSpec } from '../domain/model.ts';
import { createRng } from '../util/rng.ts';
import { childSeed } from '../util/seed.ts';
import type { Weight } from './engine.ts';

/** A dense layer with the sizes that follow from where it stands. */
export interface DenseLayer {
  readonly name: string;
  readonly spec: Extract<LayerSpec, { readonly type: 'dense' }>;
  readonly inputs: number;
}

/** Names are given by position, because names that count up by themselves would differ from process to process. */
export const layerName = (spec: LayerSpec, index: number): string => `${spec.type}_${index + 1}`;

export const inputSize = (spec: ModelSpec): number => spec.input.reduce((product, length) => product * length, 1);

export function denseLayers(spec: ModelSpec): DenseLayer[] {
  let inputs = inputSize(spec);
  return spec.layers.flatMap((layer, index) => {
    if (layer.type !== 'dense') return [];
    const dense = { name: layerName(layer, index), spec: layer, inputs };
    inputs = layer.units;
    return [dense];
  });
}

/** How many numbers the model answers for a row. */
export const outputSize = (spec: ModelSpec): number => denseLayers(spec).at(-1)?.spec.units ?? inputSize(spec);

/**
 * Kernels uniform in ±sqrt(6 / (inputs + units)), biases zero: Glorot and Bengio, 2010. Every kernel has a stream of
 * its own, so that a layer's start does not depend on the layers before it.
 */
export function initialWeights(spec: ModelSpec, seed: number): Weight[] {
  return denseLayers(spec).flatMap(({ name, spec: layer, inputs }) => {
    const rng = createRng(childSeed(seed, `initial/${name}`));
    const limit = Math.sqrt(6 / (inputs + layer.units));
    const kernel = Float32Array.from({ length: inputs * layer.units }, () => rng.between(-limit, limit));
    return [
      { name: `${name}/kernel`, shape: [inputs, layer.units], values: kernel },
      { name: `${name}/bias`, shape: [layer.units], values: new Float32Array(layer.units) },
    ];
  });
}
