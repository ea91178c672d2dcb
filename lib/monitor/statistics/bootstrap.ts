import { createRng } from '../../util/rng.ts';
import type { Proportion } from '../wilson.ts';

export interface BootstrapInputs {
  /** The kind of each row, from 0: rows of one kind count the same. */
  readonly kinds: Int32Array;
  /** The number of interest, from how many rows of each kind there are. */
  readonly statistic: (counts: Int32Array) => number;
  /** Above 0 and below 1. */
  readonly confidence: number;
  readonly seed: number;
  readonly resamples?: number;
}

/**
 * Enough that the ends of a 95 % interval hardly depend on the seed; of very many rows fewer, so that it ends. But never so few that
 * one would lie beyond each end: then the interval would be that of a lower confidence.
 */
const resamplesOf = (rows: number, confidence: number): number =>
  Math.max(500, Math.min(2000, Math.floor(1e8 / rows)), Math.round(2 / (1 - confidence)));

/**
 * A number with its percentile bootstrap interval (Efron and Tibshirani, 1993, chapter 13): rows are drawn anew with
 * replacement, as many as there are, and the interval holds the middle of what the number then is. For numbers that no formula
 * gives an interval for. A row with both models' answers is drawn as one, so what is paired stays so. Null without rows.
 */
export function bootstrapInterval(inputs: BootstrapInputs): Proportion | null {
  const { kinds, statistic, confidence, seed } = inputs;
  const rows = kinds.length;
  if (rows === 0) return null;
  const { resamples = resamplesOf(rows, confidence) } = inputs;
  const counts = new Int32Array(kinds.reduce((last, kind) => Math.max(last, kind), 0) + 1);
  for (const kind of kinds) counts[kind] = (counts[kind] as number) + 1;
  const value = statistic(counts);
  const rng = createRng(seed);
  const values = Float64Array.from({ length: resamples }, () => {
    counts.fill(0);
    for (let drawn = 0; drawn < rows; drawn++) {
      const kind = kinds[rng.int(rows)] as number;
      counts[kind] = (counts[kind] as number) + 1;
    }
    return statistic(counts);
  }).sort();
  const tail = Math.floor(((1 - confidence) / 2) * resamples);
  return { value, low: values[tail] as number, high: values[resamples - 1 - tail] as number };
}
