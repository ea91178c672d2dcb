import { type Failure, failure } from '../domain/failure.ts';
import type { ModelSpec } from '../domain/model.ts';
import type { Rows } from './engine.ts';
import { inputSize, layerName } from './layer-shapes.ts';

/** The place of the first value that cannot be looked up, by how many numbers there are; -1 for none. A search asks again and again. */
const known = new WeakMap<Rows['inputs'], Map<number, number>>();

/**
 * Where a model looks its raw values up, they have to be whole numbers below a limit: else one engine ends on them, and another takes
 * them for other numbers. Undefined where nothing is looked up, or all of them can be.
 */
export function lookUpFault(spec: ModelSpec, inputs: () => Rows['inputs']): Failure | undefined {
  const [first] = spec.layers;
  if (first?.type !== 'embedding') return undefined;
  const values = inputs();
  const at = firstStray(values, first.inputs);
  if (at < 0) return undefined;
  const width = inputSize(spec);
  const place = `row ${Math.floor(at / width)} has ${values[at]} as value ${at % width}`;
  const problem = `it looks up whole numbers from 0 to ${first.inputs - 1}, and ${place}`;
  return failure('TRAIN_BAD_SHAPE', { layer: layerName(first, 0), problem, input: [...spec.input] });
}

function firstStray(values: Rows['inputs'], below: number): number {
  const found = known.get(values) ?? new Map<number, number>();
  known.set(values, found);
  const at = found.get(below) ?? values.findIndex((value) => !(value >= 0 && value < below && Number.isInteger(value)));
  found.set(below, at);
  return at;
}
