import type { Failure } from '../domain/failure.ts';
import { ok, type Result } from '../util/result.ts';
import { createRng, type Rng } from '../util/rng.ts';
import { childSeed } from '../util/seed.ts';
import { type Dataset, joinDatasets, selectRows } from './dataset.ts';
import { imageColumn } from './image-column.ts';
import { type Affine, affineOf, resample } from './resample.ts';
import { AUGMENTED_IDS_FROM, isFeedbackId } from './row-ids.ts';
import { hashUnit } from './split.ts';

/** How training images are varied; what is left out does not vary. */
export interface Augmentation {
  /** Augmented rows per row; of a fraction, that share of the rows gets one more. */
  readonly copies?: number;
  /** Largest move to any side, in pixels. */
  readonly shift?: number;
  /** Largest turn to either side, in degrees. */
  readonly rotate?: number;
  /** Largest change of size: 0.1 is 90 % to 110 %. */
  readonly zoom?: number;
}

function drawChange(augmentation: Augmentation, rng: Rng): Affine {
  const { shift = 0, rotate = 0, zoom = 0 } = augmentation;
  return affineOf({
    radians: (rng.between(-rotate, rotate) * Math.PI) / 180,
    zoom: 1 + rng.between(-zoom, zoom),
    shiftX: rng.between(-shift, shift),
    shiftY: rng.between(-shift, shift),
  });
}

/** The first id for copies: behind those of rows that the source has augmented itself. */
const nextId = (ids: Int32Array): number =>
  ids.reduce((next, id) => (isFeedbackId(id) ? next : Math.max(next, id + 1)), AUGMENTED_IDS_FROM);

/** Which rows are copied, and which copy of its row each is. */
function planCopies(ids: Int32Array, copies: number, seed: number): readonly { row: number; copy: number }[] {
  const [whole, fraction] = [Math.floor(copies), copies - Math.floor(copies)];
  const hashSeed = childSeed(seed, 'augment/copies');
  const plan: { row: number; copy: number }[] = [];
  ids.forEach((id, row) => {
    const count = whole + (hashUnit(hashSeed, id) < fraction ? 1 : 0);
    for (let copy = 0; copy < count; copy++) plan.push({ row, copy });
  });
  return plan;
}

/**
 * The dataset followed by varied copies of its rows: new ids from AUGMENTED_IDS_FROM on that no row has, `origin` the id of the row copied.
 * What a copy looks like follows from seed and id alone. Fails when there are no images to vary.
 */
export function augmentRows(dataset: Dataset, augmentation: Augmentation, seed: number): Result<Dataset, Failure> {
  const image = imageColumn(dataset, 'Augmentation');
  if (!image.ok) return image;
  const { name, height, width, data } = image.value;
  const plan = planCopies(dataset.ids, augmentation.copies ?? 1, seed);
  if (plan.length === 0) return ok(dataset);
  const copies = selectRows(
    dataset,
    Int32Array.from(plan, ({ row }) => row),
  );
  const pixels = copies.feature(name) as Uint8Array;
  const area = height * width;
  const firstId = nextId(dataset.ids);
  plan.forEach(({ row, copy }, at) => {
    const rng = createRng(childSeed(seed, `augment/${dataset.ids[row]}/${copy}`));
    const affine = drawChange(augmentation, rng);
    const source = data.subarray(row * area, (row + 1) * area);
    resample(source, pixels.subarray(at * area, (at + 1) * area), { affine, height, width });
    copies.ids[at] = firstId + at;
  });
  const { provenance } = dataset.meta;
  const joined = joinDatasets(dataset, copies);
  return ok({ ...joined, meta: { ...joined.meta, provenance } });
}
