import type { Rng } from '../../util/rng.ts';
import { createHandwriting } from './handwriting.ts';
import { createPenPath } from './pen-path.ts';
import { rasterize } from './rasterize.ts';
import { SKELETONS, type Skeleton } from './skeletons.ts';

/** Height and width of a digit's image. */
export const DIGIT_SIDE = 28;

function pickSkeleton(ways: readonly Skeleton[], rng: Rng): Skeleton {
  let left = rng.next() * ways.reduce((sum, way) => sum + way.weight, 0);
  for (const way of ways) {
    left -= way.weight;
    if (left < 0) return way;
  }
  return ways[0] as Skeleton;
}

/** One written digit as 28 x 28 grey bytes, 0 for the ground, centred by mass as in MNIST. */
export function drawDigit(digit: number, rng: Rng): Uint8Array {
  const ways = SKELETONS[digit];
  if (ways === undefined) throw new Error(`there is no digit ${digit}`);
  const hand = createHandwriting(rng);
  const path = createPenPath(pickSkeleton(ways, rng), hand, { rng, side: DIGIT_SIDE });
  const coverage = rasterize(path, DIGIT_SIDE, hand.softness);
  return Uint8Array.from(coverage, (ink) =>
    ink <= 0 ? 0 : Math.min(255, ink * hand.ink * (1 - hand.grain * rng.next())),
  );
}
