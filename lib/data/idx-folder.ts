import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Failure, failure } from '../domain/failure.ts';
import { err, ok, type Result } from '../util/result.ts';
import { createDataset, type Dataset } from './dataset.ts';
import { type IdxImages, type IdxLabels, readIdxImages, readIdxLabels } from './idx.ts';
import { SPLIT } from './row-ids.ts';

/** The files of one half of a set of IDX files. */
interface IdxPair {
  readonly images: string;
  readonly labels: string;
}

export interface IdxFiles {
  readonly train: IdxPair;
  /** Undefined when the source has no test rows of its own. */
  readonly test: IdxPair | undefined;
}

/** What the rows are called in the record, and what their labels mean. */
interface IdxNaming {
  readonly source: string;
  readonly classes: readonly string[];
}

const TRAIN = /^train[-_.]/;
const TEST = /^(t10k|test)[-_.]/;

function findFile(files: readonly string[], half: RegExp, kind: 'images' | 'labels'): string | undefined {
  // Sorted, the unpacked file of a pair comes before its .gz.
  return files.find((file) => half.test(file) && file.slice(file.search(/[-_.]/) + 1).startsWith(kind));
}

/** Finds train-images…, train-labels… and, where there are any, t10k-… or test-… files, gzipped or not. */
export function findIdxFiles(folder: string): Result<IdxFiles, Failure> {
  let seen: readonly string[];
  try {
    seen = readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch (error) {
    return err(
      failure('DATA_UNREADABLE', { file: folder, problem: error instanceof Error ? error.message : String(error) }),
    );
  }
  const missing = (wanted: string) => err(failure('DATA_NO_FILE', { folder, wanted, seen }));
  const pair = (half: RegExp, name: string): Result<IdxPair | undefined, Failure> => {
    const images = findFile(seen, half, 'images');
    const labels = findFile(seen, half, 'labels');
    if (images === undefined && labels === undefined) return ok(undefined);
    if (images === undefined) return missing(`${name}-images-idx3-ubyte (or .gz) beside ${labels}`);
    if (labels === undefined) return missing(`${name}-labels-idx1-ubyte (or .gz) beside ${images}`);
    return ok({ images: join(folder, images), labels: join(folder, labels) });
  };
  const train = pair(TRAIN, 'train');
  if (!train.ok) return train;
  if (train.value === undefined) return missing('train-images-idx3-ubyte and train-labels-idx1-ubyte (or .gz)');
  const test = pair(TEST, 't10k');
  return test.ok ? ok({ train: train.value, test: test.value }) : test;
}

interface IdxHalf {
  readonly images: IdxImages;
  readonly labels: IdxLabels;
}

function readPair(pair: IdxPair, classes: number): Result<IdxHalf, Failure> {
  const images = readIdxImages(pair.images);
  if (!images.ok) return images;
  const labels = readIdxLabels(pair.labels, classes);
  if (!labels.ok) return labels;
  const [imageRows, labelRows] = [images.value.rows, labels.value.rows];
  if (imageRows !== labelRows) return err(failure('DATA_IDX_COUNTS', { ...pair, imageRows, labelRows }));
  return ok({ images: images.value, labels: labels.value });
}

/** Reads both halves into one dataset: feature `pixels`, the test file's rows marked by `split`. */
export function readIdxFiles(files: IdxFiles, naming: IdxNaming): Result<Dataset, Failure> {
  const halves: IdxHalf[] = [];
  const hashes: Record<string, string> = {};
  for (const pair of [files.train, files.test]) {
    if (pair === undefined) continue;
    const half = readPair(pair, naming.classes.length);
    if (!half.ok) return half;
    hashes[basename(pair.images)] = half.value.images.sha256;
    hashes[basename(pair.labels)] = half.value.labels.sha256;
    halves.push(half.value);
  }
  const sizes = halves.map(({ images }) => `${images.height} x ${images.width}`);
  const [first = '', second = first] = sizes;
  if (first !== second) return err(failure('DATA_IDX_SHAPES', { first, second }));
  return assemble(halves, { naming, hashes });
}

function assemble(
  halves: readonly IdxHalf[],
  { naming, hashes }: { readonly naming: IdxNaming; readonly hashes: Readonly<Record<string, string>> },
): Result<Dataset, Failure> {
  const rows = halves.reduce((sum, { labels }) => sum + labels.rows, 0);
  const { height = 0, width = 0 } = halves[0]?.images ?? {};
  const pixels = new Uint8Array(rows * height * width);
  const label = new Int32Array(rows);
  const split = new Uint8Array(rows);
  let row = 0;
  halves.forEach(({ images, labels }, half) => {
    pixels.set(images.pixels, row * height * width);
    label.set(labels.labels, row);
    split.fill(half === 0 ? SPLIT.train : SPLIT.test, row, row + labels.rows);
    row += labels.rows;
  });
  return createDataset({
    columns: { label, split, pixels: { data: pixels, shape: [height, width] } },
    classes: naming.classes,
    provenance: [{ source: naming.source, rows, sha256: hashes, detail: {} }],
  });
}
