import type { Transform } from '../domain/model.ts';
import { countUp } from '../util/count-up.ts';
import { pick } from '../util/pick.ts';
import { createRng } from '../util/rng.ts';
import { childSeed } from '../util/seed.ts';
import type { Rows } from './engine.ts';

/** The order rows are seen in during an epoch, from 1. */
export function epochOrder(count: number, seed: number, epoch: number): Int32Array {
  const order = countUp(count);
  return createRng(childSeed(seed, `order/${epoch}`)).shuffle(order);
}

export interface Batch {
  readonly count: number;
  /** count x features, transformed. */
  readonly inputs: Float32Array;
  readonly labels: Int32Array;
}

/** How many numbers a row has. */
export const rowWidth = ({ inputs, labels }: Pick<Rows, 'inputs' | 'labels'>): number =>
  labels.length === 0 ? 0 : inputs.length / labels.length;

/** The numbers of rows as they are in `inputs`, for places among the chosen. */
export function rowNumbers({ chosen }: Pick<Rows, 'chosen'>, places: Int32Array): Int32Array {
  return chosen === undefined ? places : pick(chosen, places);
}

/** Gathers the rows that `order` names from `from` on and scales them; the last batch of an epoch may be smaller. */
export function gatherBatch(rows: Rows, order: Int32Array, { from, size, transform }: BatchRequest): Batch {
  const count = Math.min(size, order.length - from);
  const width = rowWidth(rows);
  const inputs = new Float32Array(count * width);
  const labels = new Int32Array(count);
  const numbers = rowNumbers(rows, order.subarray(from, from + count));
  numbers.forEach((row, at) => {
    labels[at] = rows.labels[row] as number;
    copyScaled({ source: rows.inputs, start: row * width, target: inputs, at: at * width, width, transform });
  });
  return { count, inputs, labels };
}

interface BatchRequest {
  readonly from: number;
  readonly size: number;
  readonly transform: Transform;
}

interface RowCopy {
  readonly source: Rows['inputs'];
  readonly start: number;
  readonly target: Float32Array;
  readonly at: number;
  readonly width: number;
  readonly transform: Transform;
}

/** A model is asked in 32-bit floats: a large whole number is rounded to one before it is scaled, as whoever loads the model does. */
function copyScaled({ source, start, target, at, width, transform }: RowCopy): void {
  const { scale, offset } = transform;
  if (scale.length === 1) {
    const [factor, shift] = [scale[0] as number, offset[0] as number];
    for (let column = 0; column < width; column++) {
      target[at + column] = Math.fround(source[start + column] as number) * factor + shift;
    }
    return;
  }
  for (let column = 0; column < width; column++) {
    target[at + column] =
      Math.fround(source[start + column] as number) * (scale[column] as number) + (offset[column] as number);
  }
}

/** One row of zeros with a one for each label: count x classes. */
export function oneHot(labels: Int32Array, classes: number): Float32Array {
  const targets = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => {
    targets[row * classes + label] = 1;
  });
  return targets;
}

/** How many rows have their largest output at their label; of equal outputs the first counts. */
export function countCorrect(outputs: Float32Array, labels: Int32Array, classes: number): number {
  let correct = 0;
  for (let row = 0; row < labels.length; row++) {
    let best = 0;
    for (let column = 1; column < classes; column++) {
      if ((outputs[row * classes + column] as number) > (outputs[row * classes + best] as number)) best = column;
    }
    if (best === labels[row]) correct += 1;
  }
  return correct;
}
