import type { Failure } from '../../domain/failure.ts';
import type { Result } from '../../util/result.ts';
import { createRng } from '../../util/rng.ts';
import { childSeed } from '../../util/seed.ts';
import { createDataset, type Dataset } from '../dataset.ts';
import { DIGIT_CLASSES } from '../mnist-files.ts';
import { SPLIT } from '../row-ids.ts';
import { DIGIT_SIDE, drawDigit } from './digit.ts';

export interface DigitCounts {
  readonly train: number;
  readonly test: number;
}

/** Test rows are numbered from here, so that more training rows rename none of them. */
const TEST_IDS_FROM = 100_000_000;
const CLASSES = DIGIT_CLASSES.length;

/** Every ten rows in a row hold each digit once, in an order of their own. */
function labelsOf(rows: number, seed: number): Int32Array {
  const labels = new Int32Array(rows);
  const rng = createRng(seed);
  for (let start = 0; start < rows; start += CLASSES) {
    const block = rng.shuffle(Int32Array.from({ length: CLASSES }, (_, digit) => digit));
    labels.set(block.subarray(0, Math.min(CLASSES, rows - start)), start);
  }
  return labels;
}

/**
 * Draws handwriting-like digits: feature `pixels`, uint8 [28, 28]. Row n is the same whatever the counts are. Results on
 * them say nothing about real handwriting, so the dataset is marked as generated.
 */
export function generateDigits(counts: DigitCounts, seed: number): Result<Dataset, Failure> {
  const rows = counts.train + counts.test;
  const area = DIGIT_SIDE * DIGIT_SIDE;
  const pixels = new Uint8Array(rows * area);
  const label = new Int32Array(rows);
  const id = new Int32Array(rows);
  const split = new Uint8Array(rows);
  let row = 0;
  for (const half of ['train', 'test'] as const) {
    const labels = labelsOf(counts[half], childSeed(seed, `${half}/labels`));
    for (let at = 0; at < labels.length; at++, row++) {
      const digit = labels[at] as number;
      pixels.set(drawDigit(digit, createRng(childSeed(seed, `${half}/${at}`))), row * area);
      label[row] = digit;
      id[row] = half === 'train' ? at : TEST_IDS_FROM + at;
      split[row] = SPLIT[half];
    }
  }
  return createDataset({
    columns: { label, id, split, pixels: { data: pixels, shape: [DIGIT_SIDE, DIGIT_SIDE] } },
    classes: DIGIT_CLASSES,
    provenance: [{ source: 'synthetic-digits', rows, sha256: {}, detail: { ...counts, seed } }],
    generated: true,
  });
}
