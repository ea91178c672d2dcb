import type { Failure } from '../domain/failure.ts';
import { countUp } from '../util/count-up.ts';
import { ok, type Result } from '../util/result.ts';
import { createRng } from '../util/rng.ts';
import { childSeed } from '../util/seed.ts';
import { type Dataset, selectRows } from './dataset.ts';
import { imageColumn } from './image-column.ts';
import { affineOf, resample } from './resample.ts';

/** How a simulated world differs from that of the data. */
export interface Shift {
  /** Degrees every image is turned by. */
  readonly rotate?: number;
  /** Standard deviation of the noise on every pixel, of a range of 0 to 1. */
  readonly noise?: number;
}

/** The dataset with every image changed: turned, then noisy. What a row becomes follows from seed and id alone. */
export function shiftRows(dataset: Dataset, { rotate = 0, noise = 0 }: Shift, seed: number): Result<Dataset, Failure> {
  const image = imageColumn(dataset, 'Simulating a shift');
  if (!image.ok) return image;
  const { name, height, width, data } = image.value;
  const shifted = selectRows(dataset, countUp(dataset.rows));
  const pixels = shifted.feature(name) as Uint8Array;
  const area = height * width;
  const affine = affineOf({ radians: (rotate * Math.PI) / 180, zoom: 1, shiftX: 0, shiftY: 0 });
  for (let row = 0; row < dataset.rows; row++) {
    const target = pixels.subarray(row * area, (row + 1) * area);
    resample(data.subarray(row * area, (row + 1) * area), target, { affine, height, width });
    if (noise === 0) continue;
    const rng = createRng(childSeed(seed, `shift/${dataset.ids[row]}`));
    for (let at = 0; at < area; at++) {
      target[at] = Math.max(0, Math.min(255, Math.round((target[at] as number) + 255 * noise * rng.normal())));
    }
  }
  return ok(shifted);
}

/** 'turned by 25 degrees, noise of sigma 0.2'. */
export const shiftText = ({ rotate = 0, noise = 0 }: Shift): string =>
  [
    ...(rotate === 0 ? [] : [`turned by ${rotate} degrees`]),
    ...(noise === 0 ? [] : [`with noise of sigma ${noise}`]),
  ].join(' and ') || 'as it is';
