import type { CleaningReport } from '../domain/data-profile.ts';
import { sha256 } from '../util/hash.ts';
import { type Dataset, selectRows } from './dataset.ts';
import { findImageColumn } from './image-column.ts';
import { sizeOf } from './npy.ts';
import { isFeedbackId, rowsWhere, SPLIT } from './row-ids.ts';

export interface Cleaned {
  readonly dataset: Dataset;
  readonly report: CleaningReport;
}

type Reason = Exclude<keyof CleaningReport, 'conflicting'>;

/** Content hash of all features of each row. */
function contentOf(dataset: Dataset): readonly string[] {
  const views = dataset.features.map((name) => {
    const data = dataset.feature(name);
    const bytesPerRow = sizeOf(dataset.featureShape(name)) * data.BYTES_PER_ELEMENT;
    return { bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength), bytesPerRow };
  });
  return Array.from({ length: dataset.rows }, (_, row) =>
    views.map(({ bytes, bytesPerRow }) => sha256(bytes.subarray(row * bytesPerRow, (row + 1) * bytesPerRow))).join(' '),
  );
}

function blankRows(dataset: Dataset): Uint8Array {
  const blank = new Uint8Array(dataset.rows);
  const image = findImageColumn(dataset);
  if (image === undefined) return blank;
  const area = image.height * image.width;
  for (let row = 0; row < dataset.rows; row++) {
    const pixels = image.data.subarray(row * area, (row + 1) * area);
    blank[row] = pixels.every((value) => value === pixels[0]) ? 1 : 0;
  }
  return blank;
}

type IsTest = (row: number) => boolean;

/** The rows of which one with the same features was seen, by what they hold: of the source, and of feedback. */
interface Keepers {
  readonly source: Map<string, number>;
  readonly feedback: Map<string, number>;
}

/** Of rows of the source with the same features the first stays, but a test row before a training row; of feedback the latest. */
function keep(dataset: Dataset, { source, feedback }: Keepers, row: number, key: string): void {
  const id = dataset.ids[row] as number;
  const isFeedback = isFeedbackId(id);
  const keepers = isFeedback ? feedback : source;
  const other = keepers.get(key);
  const isBetter = (than: number): boolean =>
    isFeedback
      ? id > (dataset.ids[than] as number)
      : dataset.split[row] === SPLIT.test && dataset.split[than] !== SPLIT.test;
  if (other === undefined || isBetter(other)) keepers.set(key, row);
}

/** A test row stays before feedback, because the test set is frozen; feedback before a training row, because a person looked at it. */
function keeperOf({ source, feedback }: Keepers, isTest: IsTest, key: string): number | undefined {
  const [own, said] = [source.get(key), feedback.get(key)];
  return said === undefined || (own !== undefined && isTest(own)) ? own : said;
}

function duplicateReason(dataset: Dataset, isTest: IsTest, [dropped, kept]: readonly [number, number]): Reason {
  if (dataset.split[dropped] === SPLIT.test) return 'duplicateInTest';
  const isAlsoInTest = isFeedbackId(dataset.ids[dropped] as number) ? isTest(kept) : dataset.split[kept] === SPLIT.test;
  return isAlsoInTest ? 'trainAlsoInTest' : 'duplicateInTrain';
}

/**
 * Takes out rows nothing can be learned from or that would be scored and trained on; says how many and why. `isTest` tells the
 * test rows, where the source has none of its own and they are drawn later.
 */
export function cleanDataset(dataset: Dataset, isTest: IsTest = (row) => dataset.split[row] === SPLIT.test): Cleaned {
  const report: Record<keyof CleaningReport, number> = {
    blank: 0,
    badLabel: 0,
    duplicateInTrain: 0,
    duplicateInTest: 0,
    trainAlsoInTest: 0,
    conflicting: 0,
  };
  const dropped = new Uint8Array(dataset.rows);
  const drop = (row: number, reason: Reason): void => {
    dropped[row] = 1;
    report[reason] += 1;
  };
  const blank = blankRows(dataset);
  const content = contentOf(dataset);
  const keepers: Keepers = { source: new Map(), feedback: new Map() };
  for (let row = 0; row < dataset.rows; row++) {
    const label = dataset.labels[row] as number;
    if (label < 0 || label >= dataset.meta.classes.length) drop(row, 'badLabel');
    else if (blank[row] === 1) drop(row, 'blank');
    else keep(dataset, keepers, row, content[row] as string);
  }
  for (let row = 0; row < dataset.rows; row++) {
    const kept = keeperOf(keepers, isTest, content[row] as string);
    if (dropped[row] === 1 || kept === undefined || kept === row) continue;
    drop(row, duplicateReason(dataset, isTest, [row, kept]));
    if (dataset.labels[row] !== dataset.labels[kept]) report.conflicting += 1;
  }
  const isClean = dropped.every((flag) => flag === 0);
  return {
    dataset: isClean
      ? dataset
      : selectRows(
          dataset,
          rowsWhere(dataset.rows, (row) => dropped[row] === 0),
        ),
    report,
  };
}
