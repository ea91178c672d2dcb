import type { Weight } from '../engine.ts';
import type { Values } from './runtime.ts';
import { toGraphOrder, type WeightLayout } from './weight-layout.ts';

export const scalar = (value: number): Values => ({ data: Float32Array.of(value), shape: [] });

/** Weights in TensorFlow's order as a program takes them. */
export const givenWeights = (
  weights: readonly Weight[],
  layouts: ReadonlyMap<string, WeightLayout>,
): (readonly [string, Values])[] =>
  weights.map(({ name, values }) => {
    const layout = layouts.get(name);
    if (layout === undefined) throw new Error(`the model has no weights '${name}'`);
    return [name, { data: toGraphOrder(values, layout), shape: layout.shape }] as const;
  });
