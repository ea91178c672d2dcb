import type { DriftWindow, FeatureDrift, ReferenceFeatures } from '../../domain/drift.ts';
import { countBins, quantileEdges } from '../statistics/bins.ts';
import { stabilityIndex } from '../statistics/psi.ts';
import { MIN_DRIFT_ROWS, PSI_AT_LEAST } from './limits.ts';

/** Rows of raw features, row-major. */
export interface RawRows {
  readonly data: ArrayLike<number>;
  readonly rows: number;
  /** Features of a row. */
  readonly width: number;
}

/** Rows with more features than this are not looked at feature by feature. */
const MAX_FEATURES = 5000;

/** Features that are named; of all the value is known. */
const NAMED = 10;

/** Deciles of every feature over some rows, and how many of them lie in each bin; undefined where there are too many features. */
export function featureBins({ data, width }: RawRows, chosen: ArrayLike<number>): ReferenceFeatures | undefined {
  if (width > MAX_FEATURES || width === 0) return undefined;
  const edges: number[][] = [];
  const counts: number[][] = [];
  const values = new Float32Array(chosen.length);
  for (let feature = 0; feature < width; feature++) {
    for (let at = 0; at < chosen.length; at++) values[at] = data[(chosen[at] as number) * width + feature] as number;
    const own = edgesOf(values.sort());
    edges.push(own);
    counts.push(countBins(values, own));
  }
  return { edges, counts };
}

/** Of a feature that nearly always has its smallest value (the border of an image) the bins are below it, at it and above it. */
function edgesOf(sorted: Float32Array): number[] {
  const edges = quantileEdges(sorted);
  const [smallest = 0] = sorted;
  return edges.length > 0 ? edges : [smallest, smallest + 1e-6 * Math.max(1, Math.abs(smallest))];
}

/**
 * The stability index of every feature, largest first by name. Each has its part of the level (Bonferroni), apart from the window's
 * own tests: it says where rows have moved, once it is known that they have. Null where there is nothing to compare.
 */
export function featureDrift(reference: ReferenceFeatures, raw: RawRows, level: number): FeatureDrift | null {
  const { data, rows, width } = raw;
  if (rows < MIN_DRIFT_ROWS || reference.edges.length !== width) return null;
  const column = new Float32Array(rows);
  const threshold = level / width;
  const found = reference.edges.map((edges, feature) => {
    for (let row = 0; row < rows; row++) column[row] = data[row * width + feature] as number;
    const { value = 0, pValue = 1 } = stabilityIndex(countBins(column, edges), reference.counts[feature] ?? []) ?? {};
    return { feature, value, pValue, hasMoved: pValue <= threshold && value >= PSI_AT_LEAST };
  });
  const moved = found.filter(({ hasMoved }) => hasMoved).sort((a, b) => b.value - a.value || a.feature - b.feature);
  return {
    moved: moved.length,
    values: found.map(({ value }) => value),
    worst: moved.slice(0, NAMED).map(({ feature, value, pValue }) => ({ feature, value, pValue })),
  };
}

/** 'pixel (3, 12)' of an image, by row and column from 0; else 'feature 7'. */
export function featureName(feature: number, shape: readonly number[]): string {
  const [, width] = shape;
  if (shape.length !== 2 || width === undefined) return `feature ${feature}`;
  return `pixel (${Math.floor(feature / width)}, ${feature % width})`;
}

/** What came of it, for people. */
export function featureText(
  { features, simulated }: Pick<DriftWindow, 'features' | 'simulated'>,
  shape: readonly number[],
): string {
  const { moved, values, worst } = features ?? { moved: 0, values: [], worst: [] };
  const named = worst.slice(0, 3).map(({ feature, value }) => `${featureName(feature, shape)} PSI ${value.toFixed(3)}`);
  const most = named.length === 0 ? '' : `, most ${named.join(', ')}`;
  const kind = simulated ? ' in the SIMULATED rows' : '';
  return `feature by feature, ${moved} of ${values.length} have moved${kind}${most}`;
}
