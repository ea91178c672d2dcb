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

/**
 * Which of two rows with the same features stays: a test row before a training row, because the test set is frozen;
 * among training rows feedback before the source, because a person looked at it, and later feedback before earlier.
 */
function precedence(dataset: Dataset, row: number): number {
  if (dataset.split[row] === SPLIT.test) return 2 ** 32 - row / 2 ** 20;
  const id = dataset.ids[row] as number;
  return isFeedbackId(id) ? id : -row;
}

function duplicateReason(dataset: Dataset, dropped: number, kept: number): Reason {
  if (dataset.split[dropped] === SPLIT.test) return 'duplicateInTest';
  return dataset.split[kept] === SPLIT.test ? 'trainAlsoInTest' : 'duplicateInTrain';
}

/** Takes out rows nothing can be learned from or that would be scored and trained on; says how many and why. */
export function cleanDataset(dataset: Dataset): Cleaned {
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
  const keeper = new Map<string, number>();
  for (let row = 0; row < dataset.rows; row++) {
    const label = dataset.labels[row] as number;
    if (label < 0 || label >= dataset.meta.classes.length) drop(row, 'badLabel');
    else if (blank[row] === 1) drop(row, 'blank');
    else {
      const key = content[row] as string;
      const other = keeper.get(key);
      if (other === undefined || precedence(dataset, row) > precedence(dataset, other)) keeper.set(key, row);
    }
  }
  for (let row = 0; row < dataset.rows; row++) {
    const kept = keeper.get(content[row] as string);
    if (dropped[row] === 1 || kept === undefined || kept === row) continue;
    drop(row, duplicateReason(dataset, row, kept));
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
