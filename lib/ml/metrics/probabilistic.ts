/** Probabilities are kept this far from 0, so that one sure mistake does not make the mean infinite. */
const EPSILON = 1e-7;

/**
 * Mean of −ln p(actual class) over the rows, natural logarithm, p clipped to [1e-7, 1]. `probabilities` is rows x classes,
 * row-major; 0 without rows.
 */
export function logLoss(actual: Int32Array, probabilities: Float32Array, classes: number): number {
  let sum = 0;
  actual.forEach((label, row) => {
    sum -= Math.log(Math.min(1, Math.max(EPSILON, probabilities[row * classes + label] as number)));
  });
  return actual.length === 0 ? 0 : sum / actual.length;
}

/** How often and how surely answers of one band of confidence were right. */
export interface CalibrationBin {
  readonly low: number;
  readonly high: number;
  readonly rows: number;
  /** Mean of the largest probability; 0 without rows. */
  readonly confidence: number;
  readonly accuracy: number;
}

const BINS = 15;

/** Rows by their largest probability in 15 bins of equal width, (low, high]. */
export function calibrationBins(actual: Int32Array, probabilities: Float32Array, classes: number): CalibrationBin[] {
  const sums = Array.from({ length: BINS }, () => ({ rows: 0, confidence: 0, hits: 0 }));
  actual.forEach((label, row) => {
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    const confidence = Math.max(...own);
    const bin = sums[Math.min(BINS - 1, Math.max(0, Math.ceil(confidence * BINS) - 1))];
    if (bin === undefined) return;
    bin.rows += 1;
    bin.confidence += confidence;
    bin.hits += own.indexOf(confidence) === label ? 1 : 0;
  });
  return sums.map(({ rows, confidence, hits }, index) => ({
    low: index / BINS,
    high: (index + 1) / BINS,
    rows,
    confidence: rows === 0 ? 0 : confidence / rows,
    accuracy: rows === 0 ? 0 : hits / rows,
  }));
}

/** Σ rows/all · |accuracy − confidence| over the bins: expected calibration error (Guo et al., 2017). 0 is perfect. */
export function calibrationError(bins: readonly CalibrationBin[]): number {
  const all = bins.reduce((sum, { rows }) => sum + rows, 0);
  const gap = bins.reduce((sum, { rows, accuracy, confidence }) => sum + rows * Math.abs(accuracy - confidence), 0);
  return all === 0 ? 0 : gap / all;
}
