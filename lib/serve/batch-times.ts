import type { BatchTime } from './thread/messages.ts';

/** Expects how long a batch takes from how long batches took. */
export interface BatchTimes {
  note(time: BatchTime): void;
  /** Milliseconds. */
  expect(rows: number): number;
}

/** Weight of a batch beside the one after it: some hundred batches count. */
const DECAY = 0.99;

/** What was measured when the model was made warm keeps this weight, so that sizes nobody asks for now stay known. */
const PRIOR = 0.2;

interface Sums {
  weight: number;
  rows: number;
  ms: number;
  rowsRows: number;
  rowsMs: number;
}

const noSums = (): Sums => ({ weight: 0, rows: 0, ms: 0, rowsRows: 0, rowsMs: 0 });

function add(sums: Sums, { rows, ms }: BatchTime): void {
  sums.weight += 1;
  sums.rows += rows;
  sums.ms += ms;
  sums.rowsRows += rows * rows;
  sums.rowsMs += rows * ms;
}

/** Time as a cost of its own and one by row, fitted by least squares over the last batches. */
export function createBatchTimes(warmUp: readonly BatchTime[]): BatchTimes {
  const prior = noSums();
  for (const time of warmUp) add(prior, time);
  const live = noSums();
  const keys = Object.keys(live) as (keyof Sums)[];
  // Every request asks, often twice, and only a batch changes the answer.
  let line = lineOf(live, prior);
  return {
    note: (time) => {
      for (const key of keys) live[key] *= DECAY;
      add(live, time);
      line = lineOf(live, prior);
    },
    expect: (rows) => line.base + line.slope * rows,
  };
}

function lineOf(live: Sums, prior: Sums): { readonly base: number; readonly slope: number } {
  const weight = live.weight + PRIOR * prior.weight;
  const rows = live.rows + PRIOR * prior.rows;
  const ms = live.ms + PRIOR * prior.ms;
  const spread = weight * (live.rowsRows + PRIOR * prior.rowsRows) - rows ** 2;
  const common = weight * (live.rowsMs + PRIOR * prior.rowsMs) - rows * ms;
  const slope = spread <= 0 ? 0 : Math.max(0, common / spread);
  return { base: Math.max(0, (ms - slope * rows) / weight), slope };
}
