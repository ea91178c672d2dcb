import type { Settings } from '../ml/settings.ts';

/** What changing a weight after a step costs, in rows that are learned from with it: the optimiser's passes over the weights. */
const ROWS_A_STEP = 25;

/** What a step costs beside its weights, in weights that one row is learned from with: some forty nodes are begun in it. */
const WEIGHTS_A_STEP = 1_300_000;

/**
 * What a fit costs for every row it learns from, compared with other fits on as many rows: as measured for perceptrons of
 * 36,000 and 72,000 weights in batches of 64 and 128. It says which fits to begin with and how long all will take, never what
 * comes out of them.
 */
export function fitCost({ epochs, batch }: Pick<Settings, 'epochs' | 'batch'>, weights: number): number {
  return epochs * (weights + (ROWS_A_STEP * weights + WEIGHTS_A_STEP) / batch);
}
