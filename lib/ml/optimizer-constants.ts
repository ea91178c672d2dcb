/** What the optimisers are made with in every engine: TensorFlow.js' own numbers, so that all of them step alike. */
export const OPTIMIZER_CONSTANTS = {
  /** Share of the last step that momentum keeps: Polyak, 1964, with the usual 0.9. */
  momentum: 0.9,
  /** Decay of RMSProp's mean square: Hinton, 2012. */
  meanSquareDecay: 0.9,
  /** Adam's two decays: Kingma and Ba, 2015. */
  beta1: 0.9,
  beta2: 0.999,
  /** What AdaGrad's sum of squares begins with: Duchi, Hazan and Singer, 2011, with TensorFlow's start. */
  initialSquares: 0.1,
  /** Keeps a division by nearly nothing finite. */
  epsilon: 1e-7,
} as const;
