/** Keras' defaults, which its layer and every engine here share. */
export const BATCH_NORMALIZATION = {
  /** Added to the variance under the root. */
  epsilon: 1e-3,
  /** Share of the moving mean and variance that a step keeps. */
  momentum: 0.99,
} as const;
