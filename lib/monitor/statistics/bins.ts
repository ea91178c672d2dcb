/** Bins a column is cut into: deciles. */
const BINS = 10;

/**
 * Inner edges of bins that hold about as many of an ascending sample each, every edge once: values that are the same for many rows
 * leave fewer bins. A value belongs to the bin below the first edge it is smaller than; the outer bins are open. None without rows.
 */
export function quantileEdges(sample: ArrayLike<number>, bins = BINS): number[] {
  const edges = new Set<number>();
  for (let bin = 1; bin < bins; bin++) {
    const edge = sample[Math.floor((bin * sample.length) / bins)];
    // An edge at the smallest value would leave the first bin empty for good.
    if (edge !== undefined && edge > (sample[0] as number)) edges.add(edge);
  }
  return [...edges];
}

/** How many values fall into each bin: one more than there are edges. What is no number is in the last. */
export function countBins(values: ArrayLike<number>, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    let bin = 0;
    while (bin < edges.length && !(value < (edges[bin] as number))) bin += 1;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts;
}

/** How many rows have each of `size` classes. */
export function countClasses(values: ArrayLike<number>, size: number): number[] {
  const counts = new Array<number>(size).fill(0);
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}
