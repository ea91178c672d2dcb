import type { ModelSpec } from '../domain/model.ts';
import { createRng, type Rng } from '../util/rng.ts';
import { childSeed } from '../util/seed.ts';
import type { Weight } from './engine.ts';
import { type PlacedLayer, placeLayers, shapeSize } from './layer-shapes.ts';

/** An array a layer has, and how it begins. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** False for what is measured and not learned: the moving mean and variance of batch normalisation. */
  readonly isTrained: boolean;
  readonly start: Start;
}

type Start =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly limit: number };

/** Half the width of an embedding's start, as in Keras. */
const EMBEDDING_LIMIT = 0.05;

const constant = (value: number): Start => ({ kind: 'constant', value });

/** Uniform in ±sqrt(6 / (inputs + outputs)): Glorot and Bengio, 2010. */
const glorot = (inputs: number, outputs: number): Start => ({
  kind: 'uniform',
  limit: Math.sqrt(6 / (inputs + outputs)),
});

/** The arrays of one layer, in the order of TensorFlow.js' layers format. */
export function weightsOf({ name, spec, input, output }: PlacedLayer): WeightSpec[] {
  const array = (part: string, shape: readonly number[], start: Start, isTrained = true): WeightSpec => ({
    name: `${name}/${part}`,
    shape,
    isTrained,
    start,
  });
  switch (spec.type) {
    case 'dense': {
      const inputs = shapeSize(input);
      return [
        array('kernel', [inputs, spec.units], glorot(inputs, spec.units)),
        array('bias', [spec.units], constant(0)),
      ];
    }
    case 'conv2d': {
      const [channels = 1, area] = [input[2], spec.kernel ** 2];
      const start = glorot(area * channels, area * spec.filters);
      return [
        array('kernel', [spec.kernel, spec.kernel, channels, spec.filters], start),
        array('bias', [spec.filters], constant(0)),
      ];
    }
    case 'batchNormalization': {
      const shape = [output.at(-1) ?? 1];
      return [
        array('gamma', shape, constant(1)),
        array('beta', shape, constant(0)),
        array('moving_mean', shape, constant(0), false),
        array('moving_variance', shape, constant(1), false),
      ];
    }
    case 'embedding':
      return [array('embeddings', [spec.inputs, spec.units], { kind: 'uniform', limit: EMBEDDING_LIMIT })];
    default:
      return [];
  }
}

/** The arrays of a whole model, layer after layer. */
export const weightSpecs = (spec: ModelSpec): WeightSpec[] => placeLayers(spec).flatMap(weightsOf);

/** Every array has a stream of its own, so that a layer's start does not depend on the layers before it. */
export function initialWeights(spec: ModelSpec, seed: number): Weight[] {
  return placeLayers(spec).flatMap((layer) => {
    const rng = createRng(childSeed(seed, `initial/${layer.name}`));
    return weightsOf(layer).map(({ name, shape, start }) => ({ name, shape, values: startValues(shape, start, rng) }));
  });
}

function startValues(shape: readonly number[], start: Start, rng: Rng): Float32Array {
  const values = new Float32Array(shapeSize(shape));
  if (start.kind === 'constant') return values.fill(start.value);
  for (let at = 0; at < values.length; at++) values[at] = rng.between(-start.limit, start.limit);
  return values;
}
