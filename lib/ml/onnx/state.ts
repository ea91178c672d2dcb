import type { ModelSpec } from '../../domain/model.ts';
import type { Weight } from '../engine.ts';
import { shapeSize } from '../layer-shapes.ts';
import { weightSpecs } from '../weights.ts';
import { int } from './attribute.ts';
import type { Graph, Value } from './graph.ts';
import { reshape } from './ops/reduce.ts';
import type { Values } from './runtime.ts';
import { toGraphOrder, type WeightLayout } from './weight-layout.ts';

/** Arrays of at most so many numbers are kept one after the other: updating an array takes ten nodes, however small it is. */
const SMALL = 8192;

/** Values of a decaying sum below this are zero: they would only become denormal numbers, which are slow. */
const FADED = 1e-30;

/** One weight of a state. */
interface Piece {
  readonly weight: string;
  readonly layout: WeightLayout;
}

/** An array that goes into a call and comes out of it changed: weights, or an optimiser's own for them. */
export interface StateSpec {
  readonly name: string;
  /** The number of the optimiser's array, or undefined for the weights themselves. */
  readonly slot: number | undefined;
  readonly shape: readonly number[];
  /** The weights it is of: one in its own shape, or small ones one after the other. */
  readonly pieces: readonly Piece[];
}

/** The states of a model under an optimiser that keeps so many arrays for each weight it learns. */
export function statesOf(spec: ModelSpec, layouts: ReadonlyMap<string, WeightLayout>, slots: number): StateSpec[] {
  const pieceOf = (weight: string): Piece => ({ weight, layout: layouts.get(weight) as WeightLayout });
  const [small, single]: [string[], string[]] = [[], []];
  for (const { name, shape, isTrained } of weightSpecs(spec)) {
    (isTrained && shapeSize(shape) <= SMALL ? small : single).push(name);
  }
  const learned = new Set(weightSpecs(spec).flatMap(({ name, isTrained }) => (isTrained ? [name] : [])));
  const groups = [...single.map((weight) => [pieceOf(weight)]), ...(small.length === 0 ? [] : [small.map(pieceOf)])];
  return groups.flatMap((pieces) => {
    const [first] = pieces as [Piece, ...Piece[]];
    const isOne = pieces.length === 1;
    const shape = isOne ? first.layout.shape : [pieces.reduce((sum, { layout }) => sum + shapeSize(layout.shape), 0)];
    const name = isOne ? first.weight : 'small';
    const own = learned.has(first.weight) ? Array.from({ length: slots }, (_, slot) => slot) : [];
    return [undefined, ...own].map((slot) => ({
      name: slot === undefined ? name : `${name}/slot_${slot}`,
      slot,
      shape,
      pieces,
    }));
  });
}

/** Nodes that take the weights out of their states, by the weights' names. */
export function weightValues(
  graph: Graph,
  states: readonly StateSpec[],
  name: (name: string) => Value,
): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const state of states.filter(({ slot }) => slot === undefined)) {
    const [first] = state.pieces as [Piece, ...Piece[]];
    if (state.pieces.length === 1) {
      values.set(first.weight, name(state.name));
      continue;
    }
    const sizes = BigInt64Array.from(state.pieces, ({ layout }) => BigInt(shapeSize(layout.shape)));
    const parts = graph.ops('Split', [name(state.name), graph.constant(sizes)], sizes.length, { axis: int(0) });
    state.pieces.forEach(({ weight, layout }, at) => {
      values.set(weight, reshape(graph, parts[at] as Value, layout.shape));
    });
  }
  return values;
}

/** The gradient by a state's weights, in its shape. */
export function stateGradient(graph: Graph, { pieces }: StateSpec, gradients: ReadonlyMap<string, Value>): Value {
  const own = pieces.map(({ weight }) => gradients.get(weight) as Value);
  if (own.length === 1) return own[0] as Value;
  return graph.op(
    'Concat',
    own.map((one) => reshape(graph, one, [-1])),
    { axis: int(0) },
  );
}

/** How the states begin: the weights as they are given, and the optimiser's arrays filled with what it begins with. */
export function startState(
  states: readonly StateSpec[],
  weights: readonly Weight[],
  slots: readonly number[],
): Map<string, Float32Array> {
  const given = new Map(weights.map((weight) => [weight.name, weight.values]));
  return new Map(
    states.map(({ name, slot, shape, pieces }) => {
      const values = new Float32Array(shapeSize(shape));
      if (slot !== undefined) return [name, values.fill(slots[slot] ?? 0)];
      let at = 0;
      for (const { weight, layout } of pieces) {
        const own = toGraphOrder(given.get(weight) as Float32Array, layout);
        values.set(own, at);
        at += own.length;
      }
      return [name, values];
    }),
  );
}

/** Brings decaying sums back in their own units, each slot by its factor, once a block of steps is over. */
export function fadeSums(
  states: readonly StateSpec[],
  state: ReadonlyMap<string, Float32Array>,
  factors: readonly number[],
): void {
  for (const { name, slot } of states) {
    const factor = slot === undefined ? 1 : (factors[slot] ?? 1);
    if (factor === 1) continue;
    const sums = state.get(name) as Float32Array;
    for (let at = 0; at < sums.length; at++) {
      const sum = (sums[at] as number) * factor;
      // What is no number stays none.
      sums[at] = Math.abs(sum) <= FADED ? 0 : sum;
    }
  }
}

/** The weights in their states, by name, as they lie in the graph: views, not copies. */
export function weightsIn(
  states: readonly StateSpec[],
  state: ReadonlyMap<string, Float32Array>,
): Map<string, Values & { readonly data: Float32Array; readonly layout: WeightLayout }> {
  const found = new Map<string, Values & { readonly data: Float32Array; readonly layout: WeightLayout }>();
  for (const { name, pieces } of states.filter(({ slot }) => slot === undefined)) {
    const values = state.get(name) as Float32Array;
    let at = 0;
    for (const { weight, layout } of pieces) {
      const size = shapeSize(layout.shape);
      found.set(weight, { data: values.subarray(at, at + size), shape: layout.shape, layout });
      at += size;
    }
  }
  return found;
}
