import type { Clock } from '../util/clock.ts';
import { goldenInputs } from './golden-inputs.ts';
import type { LoadedModel } from './load-model.ts';

/** How long one row takes, in milliseconds. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Calls they were taken from. */
  readonly calls: number;
}

const WARM_UP = 20;
const CALLS = 300;

/** A slow model is not asked for ever. */
const LIMIT_MS = 3000;

/** Asks a model one row at a time, over and over, once it is warm. A time is of this machine and this moment. */
export async function measureLatency(
  model: Pick<LoadedModel, 'predict' | 'golden'>,
  clock: Pick<Clock, 'elapsed'>,
): Promise<Latency> {
  const { rows } = model.golden;
  const inputs = goldenInputs(model.golden);
  const width = rows === 0 ? 0 : inputs.length / rows;
  const startedMs = clock.elapsed();
  const times: number[] = [];
  for (let call = 0; call < WARM_UP + CALLS; call++) {
    const row = rows === 0 ? 0 : call % rows;
    const one = inputs.subarray(row * width, (row + 1) * width);
    const beforeMs = clock.elapsed();
    await model.predict(one, 1);
    const afterMs = clock.elapsed();
    if (call >= WARM_UP) times.push(afterMs - beforeMs);
    if (times.length > 0 && afterMs - startedMs > LIMIT_MS) break;
  }
  times.sort((a, b) => a - b);
  return { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99), calls: times.length };
}

/** The smallest value that at least that share of all values do not exceed (nearest rank). */
const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
