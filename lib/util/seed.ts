import { sha256 } from './hash.ts';

/** The largest seed: TensorFlow.js takes 31 bits, and reads 0 as "no seed", so seeds run from 1 to this. */
const MAX_SEED = 2 ** 31 - 1;

/** A seed derived from another by name, so that what is random never depends on the order things run in. */
export function childSeed(seed: number, name: string): number {
  return 1 + (Number.parseInt(sha256(`${seed}/${name}`).slice(0, 12), 16) % MAX_SEED);
}
