import type { DataStatistics, FeatureStatistics } from '../domain/data-profile.ts';
import type { ColumnType } from '../domain/dataset.ts';
import type { Dataset } from './dataset.ts';
import type { ColumnData } from './npy.ts';
import { rowsWhere } from './row-ids.ts';

const PERCENTILES = 101;

/** Values that percentiles are taken from at most, where there is no count of every value. */
const SAMPLE = 100_000;

/** What a dataset's rows are like. Augmented rows are left out: they are made, and say nothing of the source. */
export function datasetStatistics(dataset: Dataset): DataStatistics {
  const originals = rowsWhere(dataset.rows, (row) => dataset.ids[row] === dataset.origins[row]);
  const perClass = dataset.meta.classes.map(() => 0);
  for (const row of originals) {
    const label = dataset.labels[row] as number;
    if (label in perClass) perClass[label] = (perClass[label] as number) + 1;
  }
  const features = dataset.features.map((name) => {
    const shape = dataset.featureShape(name);
    return [name, featureStatistics(dataset.feature(name), shape, originals)] as const;
  });
  return {
    rows: originals.length,
    classes: dataset.meta.classes,
    perClass,
    features: Object.fromEntries(features),
  };
}

function featureStatistics(data: ColumnData, shape: readonly number[], rows: Int32Array): FeatureStatistics {
  const width = shape.reduce((product, size) => product * size, 1);
  return data instanceof Uint8Array
    ? { dtype: 'uint8', shape, ...byteStatistics(data, width, rows) }
    : { dtype: dtypeOf(data), shape, ...numberStatistics(data, width, rows) };
}

const dtypeOf = (data: ColumnData): ColumnType => (data instanceof Int32Array ? 'int32' : 'float32');

type Numbers = Omit<FeatureStatistics, 'dtype' | 'shape'>;

/** Of bytes every value is counted, and all else follows from the counts. */
function byteStatistics(data: Uint8Array, width: number, rows: Int32Array): Numbers {
  const counts = new Float64Array(256);
  const sums = new Float64Array(width);
  for (const row of rows) {
    const from = row * width;
    for (let at = 0; at < width; at++) {
      const value = data[from + at] as number;
      counts[value] = (counts[value] as number) + 1;
      sums[at] = (sums[at] as number) + value;
    }
  }
  const values = rows.length * width;
  let [sum, squares] = [0, 0];
  counts.forEach((count, value) => {
    sum += count * value;
    squares += count * value * value;
  });
  return {
    missing: 0,
    ...moments(values, sum, squares),
    ...ends(
      values,
      counts.findIndex((count) => count > 0),
      counts.findLastIndex((count) => count > 0),
    ),
    percentiles: values === 0 ? [] : percentilesOfCounts(counts, values),
    means: meansOf(sums, () => rows.length),
  };
}

function numberStatistics(data: ColumnData, width: number, rows: Int32Array): Numbers {
  const sums = new Float64Array(width);
  const seen = new Float64Array(width);
  const step = sampleStep(rows.length * width, width);
  const sample: number[] = [];
  let [missing, values, sum, squares, at] = [0, 0, 0, 0, 0];
  // Squares of values that are large beside how far they vary would leave nothing of that: they are taken about one of them.
  let about = 0;
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of rows) {
    for (let position = 0; position < width; position++) {
      const value = data[row * width + position] as number;
      at += 1;
      if (!Number.isFinite(value)) {
        missing += 1;
        continue;
      }
      if (values === 0) about = value;
      values += 1;
      sum += value - about;
      squares += (value - about) ** 2;
      min = Math.min(min, value);
      max = Math.max(max, value);
      sums[position] = (sums[position] as number) + value;
      seen[position] = (seen[position] as number) + 1;
      if (at % step === 0) sample.push(value);
    }
  }
  const sorted = Float64Array.from(sample).sort();
  const percentiles = Array.from({ length: sorted.length === 0 ? 0 : PERCENTILES }, (_, percent) =>
    short(sorted[Math.round((percent / (PERCENTILES - 1)) * (sorted.length - 1))] as number),
  );
  return {
    missing,
    ...moments(values, sum, squares, about),
    ...ends(values, min, max),
    percentiles,
    means: meansOf(sums, (position) => seen[position] as number),
  };
}

/** How far apart the values of a sample are: a step with a divisor of the width would only ever meet some positions of a row. */
function sampleStep(values: number, width: number): number {
  let step = Math.max(1, Math.ceil(values / SAMPLE));
  while (commonDivisor(step, width) > 1) step += 1;
  return step;
}

const commonDivisor = (one: number, other: number): number => (other === 0 ? one : commonDivisor(other, one % other));

/** From sums of the values and of their squares, both less `about`. */
function moments(values: number, sum: number, squares: number, about = 0): Pick<Numbers, 'values' | 'mean' | 'std'> {
  if (values === 0) return { values, mean: null, std: null };
  const mean = sum / values;
  return { values, mean: short(about + mean), std: short(Math.sqrt(Math.max(0, squares / values - mean * mean))) };
}

const ends = (values: number, min: number, max: number): Pick<Numbers, 'min' | 'max'> =>
  values === 0 ? { min: null, max: null } : { min, max };

/** The smallest value that at least that share of all values do not exceed. */
function percentilesOfCounts(counts: Float64Array, values: number): number[] {
  let [value, upTo] = [0, counts[0] as number];
  return Array.from({ length: PERCENTILES }, (_, percent) => {
    const wanted = Math.max(1, Math.ceil((percent / (PERCENTILES - 1)) * values));
    while (upTo < wanted) upTo += counts[++value] as number;
    return value;
  });
}

const meansOf = (sums: Float64Array, rowsOf: (position: number) => number): number[] =>
  Array.from(sums, (sum, position) => (rowsOf(position) === 0 ? 0 : short(sum / rowsOf(position))));

/** Six digits say all there is to say, and take half the room. */
const short = (value: number): number => Number(value.toPrecision(6));
