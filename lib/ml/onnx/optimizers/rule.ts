import type { Graph, Value } from '../graph.ts';

/** A run of training steps whose numbers are wanted. */
export interface StepRange {
  /** Steps done before, over all epochs. */
  readonly before: number;
  readonly count: number;
  readonly rate: number;
}

/** What an optimiser is given for one array of weights in one step. */
export interface Update {
  readonly weight: Value;
  /** Of the weights, and of all else here. */
  readonly shape: readonly number[];
  /** Times the step's gradient factor. */
  readonly gradient: Value;
  /** The optimiser's own arrays for this weight, each of its shape. */
  readonly slots: readonly Value[];
  /** The step's numbers, by name. */
  readonly numbers: Readonly<Record<string, Value>>;
}

export interface Updated {
  readonly weight: Value;
  readonly slots: readonly Value[];
}

/**
 * An optimiser as nodes of a graph. A sum that decays, as momentum does, is kept divided by the decay since its block of
 * steps began: what would be multiplied in every step then is not, which saves a pass over the weights, and what has
 * faded does not linger as denormal numbers, on which processors are slow. `fade` brings a block's sums back in units.
 */
export interface OptimizerRule {
  /** What each of its own arrays begins with. */
  readonly slots: readonly number[];
  /** Names of the numbers that differ from step to step. */
  readonly numbers: readonly string[];
  /** Those numbers, and what the gradient is multiplied by before it is taken back to the weights. */
  numbersOf(steps: StepRange): { readonly gradientFactor: Float32Array } & Readonly<Record<string, Float32Array>>;
  update(graph: Graph, update: Update): Updated;
  /** What each slot is multiplied by after a block of steps. */
  fade(steps: number): readonly number[];
}

/**
 * Steps after which decaying sums are brought back, the same however steps are grouped. A call ends with its block, and every
 * call costs a millisecond; what a gradient is multiplied by, 0.9 to the minus 400th, still leaves half of float32's range.
 */
export const BLOCK_STEPS = 400;

/** Steps of their block that are done once step `before + at` is: from 1 to BLOCK_STEPS. */
export const stepOfBlock = (before: number, at: number): number => ((before + at) % BLOCK_STEPS) + 1;

/** One number for each step. */
export const perStep = ({ before, count }: StepRange, value: (inBlock: number, step: number) => number): Float32Array =>
  Float32Array.from({ length: count }, (_, at) => value(stepOfBlock(before, at), before + at + 1));

export const ones = ({ count }: StepRange): Float32Array => new Float32Array(count).fill(1);
