import type { DataProfile } from '../domain/data-profile.ts';
import type { Json, JsonObject } from '../util/json.ts';
import type { Dataset } from './dataset.ts';
import { findImageColumn, type ImageColumn } from './image-column.ts';
import type { Partition } from './partition.ts';
import { encodePng } from './sharp-image.ts';

const SHEET_COLUMNS = 10;
const SHEET_ROWS = 4;

const originalRows = (dataset: Dataset, label?: number): number[] => {
  const found: number[] = [];
  for (let row = 0; row < dataset.rows; row++) {
    const isWanted = label === undefined || dataset.labels[row] === label;
    if (isWanted && dataset.ids[row] === dataset.origins[row]) found.push(row);
  }
  return found;
};

function countsOf(dataset: Dataset): JsonObject {
  const perClass: Record<string, number> = Object.fromEntries(dataset.meta.classes.map((name) => [name, 0]));
  for (const label of dataset.labels) {
    const name = dataset.meta.classes[label] as string;
    perClass[name] = (perClass[name] ?? 0) + 1;
  }
  return { rows: dataset.rows, originals: originalRows(dataset).length, perClass };
}

/** Mean, population standard deviation, range, and share of pixels with any ink, over all training rows. */
function pixelStatistics({ data, height, width }: ImageColumn): JsonObject {
  let [sum, squares, inked, min, max] = [0, 0, 0, 255, 0];
  for (const value of data) {
    sum += value;
    squares += value * value;
    if (value > 0) inked += 1;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const mean = sum / data.length;
  const std = Math.sqrt(Math.max(0, squares / data.length - mean * mean));
  return { height, width, min, max, mean, std, inkShare: inked / data.length };
}

/** The pixel-wise mean of some rows, rounded. */
export function meanImage({ data, height, width }: ImageColumn, rows: readonly number[]): Uint8Array {
  const area = height * width;
  const sums = new Float64Array(area);
  for (const row of rows) {
    for (let pixel = 0; pixel < area; pixel++)
      sums[pixel] = (sums[pixel] as number) + (data[row * area + pixel] as number);
  }
  return Uint8Array.from(sums, (sum) => Math.round(sum / Math.max(1, rows.length)));
}

/** Some rows laid out in a grid, ten to a line. */
export function contactSheet({ data, height, width }: ImageColumn, rows: readonly number[]): Uint8Array {
  const lines = Math.max(1, Math.ceil(rows.length / SHEET_COLUMNS));
  const sheetWidth = SHEET_COLUMNS * width;
  const sheet = new Uint8Array(lines * height * sheetWidth);
  rows.forEach((row, at) => {
    const [line, column] = [Math.floor(at / SHEET_COLUMNS), at % SHEET_COLUMNS];
    for (let y = 0; y < height; y++) {
      const from = (row * height + y) * width;
      sheet.set(data.subarray(from, from + width), (line * height + y) * sheetWidth + column * width);
    }
  });
  return sheet;
}

const base64Png = async (pixels: Uint8Array, width: number): Promise<string> =>
  Buffer.from(await encodePng({ pixels, width, height: pixels.length / width })).toString('base64');

async function picturesOf(train: Dataset, image: ImageColumn): Promise<readonly JsonObject[]> {
  const pictures: JsonObject[] = [];
  for (const [label, name] of train.meta.classes.entries()) {
    const rows = originalRows(train, label);
    pictures.push({
      class: name,
      meanImage: await base64Png(meanImage(image, rows), image.width),
      contactSheet: await base64Png(
        contactSheet(image, rows.slice(0, SHEET_COLUMNS * SHEET_ROWS)),
        SHEET_COLUMNS * image.width,
      ),
    });
  }
  return pictures;
}

/**
 * What a person, and the data gate, want to know of a prepared dataset, as JSON: rows per class and split, what cleaning took out,
 * what the rows are like, and, of images, pixel statistics of the training rows and per class a mean image and a contact sheet
 * as PNG in base64.
 */
export async function profilePartition(partition: Partition, about: DataProfile): Promise<JsonObject> {
  const { train, test, live } = partition;
  const image = findImageColumn(train);
  return {
    format: 'mlloop-profile',
    version: 2,
    generated: train.meta.generated,
    classes: train.meta.classes,
    splits: { train: countsOf(train), test: countsOf(test), live: countsOf(live) },
    // The profile is plain data, which the type of JSON cannot see in an interface.
    ...(about as unknown as Readonly<Record<string, Json>>),
    pixels: image === undefined ? null : pixelStatistics(image),
    pictures: image === undefined ? [] : await picturesOf(train, image),
  };
}
