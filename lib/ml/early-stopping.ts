/** What to do after an epoch. */
export interface StoppingVerdict {
  /** Whether this epoch's weights are the best so far. */
  readonly isBest: boolean;
  readonly stop: boolean;
}

/**
 * Watches a loss that should fall: stops after `patience` epochs without a new lowest value, 0 for never. Equal is not
 * better, so of two equal epochs the earlier is kept.
 */
export function createEarlyStopping(patience: number): (loss: number) => StoppingVerdict {
  let best = Number.POSITIVE_INFINITY;
  let waited = 0;
  return (loss) => {
    if (loss < best) {
      best = loss;
      waited = 0;
      return { isBest: true, stop: false };
    }
    waited += 1;
    return { isBest: false, stop: patience > 0 && waited >= patience };
  };
}
