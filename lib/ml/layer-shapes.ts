import { type Failure, failure } from '../domain/failure.ts';
import type { Conv2dSpec, LayerSpec, ModelSpec } from '../domain/model.ts';
import { assertNever } from '../util/assert-never.ts';
import { err, ok, type Result } from '../util/result.ts';

/** A layer with the shapes of one row before and after it; an image is height x width x channels. */
export interface PlacedLayer {
  readonly name: string;
  readonly index: number;
  readonly spec: LayerSpec;
  readonly input: readonly number[];
  readonly output: readonly number[];
}

/** Names are given by position, because names that count up by themselves would differ from process to process. */
export const layerName = (spec: LayerSpec, index: number): string => `${spec.type}_${index + 1}`;

export const shapeSize = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** How many numbers one raw row has. */
export const inputSize = (spec: ModelSpec): number => shapeSize(spec.input);

/** Every layer of a model with its shapes. Layers that do not fit were refused by `checkShapes`; here they throw. */
export function placeLayers(spec: ModelSpec): PlacedLayer[] {
  const placed = tryPlace(spec);
  if (!placed.ok) throw new Error(`${placed.failure.layer}: ${placed.failure.problem}`);
  return placed.value;
}

/** Says which layer does not fit what the layers before it give, and why. */
export function checkShapes(spec: ModelSpec): Result<void, Failure> {
  const placed = tryPlace(spec);
  if (!placed.ok) return err(failure('TRAIN_BAD_SHAPE', { ...placed.failure, input: [...spec.input] }));
  const last = spec.layers.at(-1);
  if (last?.type === 'dense') return ok(undefined);
  const problem = 'the last layer has to be dense';
  const layer = last === undefined ? 'the model' : layerName(last, spec.layers.length - 1);
  return err(failure('TRAIN_BAD_SHAPE', { layer, problem, input: [...spec.input] }));
}

/** How many numbers the model answers for a row. */
export const outputSize = (spec: ModelSpec): number => shapeSize(placeLayers(spec).at(-1)?.output ?? spec.input);

interface Misfit {
  readonly layer: string;
  readonly problem: string;
}

function tryPlace(spec: ModelSpec): Result<PlacedLayer[], Misfit> {
  const placed: PlacedLayer[] = [];
  let shape = spec.input;
  for (const [index, layer] of spec.layers.entries()) {
    const name = layerName(layer, index);
    const input = needsImage(layer) && shape.length === 2 ? [...shape, 1] : shape;
    const output = outputOf(layer, input, index);
    if (typeof output === 'string') return err({ layer: name, problem: output });
    placed.push({ name, index, spec: layer, input, output });
    shape = output;
  }
  return ok(placed);
}

const needsImage = ({ type }: LayerSpec): boolean => type === 'conv2d' || type === 'maxPooling2d';

const shown = (shape: readonly number[]): string => (shape.length === 0 ? 'one number' : shape.join(' x '));

/** The shape a layer gives, or why it cannot be there. */
function outputOf(layer: LayerSpec, input: readonly number[], index: number): readonly number[] | string {
  switch (layer.type) {
    case 'dense':
      return [layer.units];
    case 'dropout':
    case 'batchNormalization':
      return input;
    case 'flatten':
      return [shapeSize(input)];
    case 'conv2d':
      return windows(input, layer.filters, (length) => convLength(length, layer));
    case 'maxPooling2d':
      return windows(input, input[2] ?? 0, (length) => fitting(length, layer.size, layer.stride ?? layer.size));
    case 'embedding':
      if (index > 0) return 'an embedding looks up raw values, so it has to be the first layer';
      if (input.length !== 1) return `it takes a flat row of whole numbers, and is given ${shown(input)}`;
      return [...input, layer.units];
    default:
      return assertNever(layer);
  }
}

function windows(
  input: readonly number[],
  channels: number,
  along: (length: number) => number,
): readonly number[] | string {
  if (input.length !== 3) return `it takes height x width x channels, and is given ${shown(input)}`;
  const [height = 0, width = 0] = input;
  const output = [along(height), along(width), channels];
  return output.some((length) => length < 1)
    ? `its window is larger than the ${height} x ${width} it is given`
    : output;
}

const fitting = (length: number, window: number, stride: number): number => Math.floor((length - window) / stride) + 1;

const convLength = (length: number, { kernel, stride = 1, padding = 'valid' }: Conv2dSpec): number =>
  padding === 'same' ? Math.ceil(length / stride) : fitting(length, kernel, stride);

/** Zeros before and after one axis of an image, as TensorFlow pads: what is odd comes after. */
export function paddingOf(
  length: number,
  { kernel, stride = 1, padding = 'valid' }: Conv2dSpec,
): readonly [number, number] {
  if (padding === 'valid') return [0, 0];
  const total = Math.max((Math.ceil(length / stride) - 1) * stride + kernel - length, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}
