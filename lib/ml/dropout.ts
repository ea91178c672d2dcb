import { createRng } from '../util/rng.ts';
import { childSeed } from '../util/seed.ts';

/** Which of a layer's masks is meant. */
export interface MaskPlace {
  readonly seed: number;
  /** The layer's place in the model, from 0. */
  readonly layer: number;
  /** The training step, from 0 over all epochs. */
  readonly step: number;
}

/**
 * Ones where a value is kept and zeros where it is dropped, for one training step: rows x values of a row. Every engine
 * draws from this stream, so that they drop the same.
 */
export function dropoutMask(rate: number, size: number, { seed, layer, step }: MaskPlace): Uint8Array {
  const rng = createRng(childSeed(seed, `dropout/${layer}/${step}`));
  const mask = new Uint8Array(size);
  for (let at = 0; at < size; at++) mask[at] = rng.next() < rate ? 0 : 1;
  return mask;
}

/** What is kept grows by this, so that the sum stays what it was (inverted dropout: Srivastava et al., 2014). */
export const keptFactor = (rate: number): number => 1 / (1 - rate);
