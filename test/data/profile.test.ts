import sharp from 'sharp';
import { expect, test } from 'vitest';
import { createDataset } from '../../lib/data/dataset.ts';
import type { Partition } from '../../lib/data/partition.ts';
import { contactSheet, meanImage, profilePartition } from '../../lib/data/profile.ts';
import { datasetStatistics } from '../../lib/data/statistics.ts';
import type { DataProfile } from '../../lib/domain/data-profile.ts';
import { unwrap } from './failed.ts';

const cleaning = { blank: 0, badLabel: 0, duplicateInTrain: 3, duplicateInTest: 0, trainAlsoInTest: 0, conflicting: 0 };

const about = ({ train, test: held }: Pick<Partition, 'train' | 'test'>): DataProfile => ({
  collected: 9,
  cleaning,
  statistics: { train: datasetStatistics(train), test: datasetStatistics(held) },
  leaked: 0,
  limits: {},
});

const images = (labels: readonly number[], pixels: readonly number[]) =>
  unwrap(
    createDataset({
      columns: { label: Int32Array.from(labels), pixels: { data: Uint8Array.from(pixels), shape: [1, 2] } },
      classes: ['a', 'b'],
    }),
  );

const partition = {
  train: images([0, 0, 1], [0, 10, 20, 30, 255, 3]),
  test: images([1], [5, 6]),
  live: images([], []),
};

test('the mean image and the contact sheet, by hand', () => {
  const image = { name: 'pixels', height: 1, width: 2, data: Uint8Array.of(0, 10, 20, 31, 255, 3) };
  expect(meanImage(image, [0, 1])).toEqual(Uint8Array.of(10, 21));
  expect(contactSheet(image, [2, 0])).toEqual(Uint8Array.of(255, 3, 0, 10, ...Array<number>(16).fill(0)));
});

test('the profile counts rows per class and split and measures the pixels', async () => {
  const profile = await profilePartition(partition, about(partition));
  expect(profile['splits']).toEqual({
    train: { rows: 3, originals: 3, perClass: { a: 2, b: 1 } },
    test: { rows: 1, originals: 1, perClass: { a: 0, b: 1 } },
    live: { rows: 0, originals: 0, perClass: { a: 0, b: 0 } },
  });
  expect(profile['cleaning']).toEqual(cleaning);
  expect(profile['pixels']).toEqual({
    height: 1,
    width: 2,
    min: 0,
    max: 255,
    mean: 53,
    std: expect.closeTo(90.9028, 3),
    inkShare: 5 / 6,
  });
});

test('each class has a mean image and a contact sheet as PNG', async () => {
  const { pictures } = (await profilePartition(partition, about(partition))) as {
    pictures: { class: string; meanImage: string; contactSheet: string }[];
  };
  expect(pictures.map((picture) => picture.class)).toEqual(['a', 'b']);
  const mean = sharp(Buffer.from(pictures[0]?.meanImage ?? '', 'base64'));
  expect([...(await mean.toColourspace('b-w').raw().toBuffer())]).toEqual([10, 20]);
  const sheet = await sharp(Buffer.from(pictures[1]?.contactSheet ?? '', 'base64')).metadata();
  expect([sheet.width, sheet.height, sheet.channels]).toEqual([20, 1, 1]);
});

test('rows without images have a profile without pictures', async () => {
  const columns = { label: Int32Array.of(0, 1), age: Float32Array.of(1, 2) };
  const table = unwrap(createDataset({ columns, classes: ['no', 'yes'] }));
  const profile = await profilePartition(
    { train: table, test: table, live: table },
    about({ train: table, test: table }),
  );
  expect([profile['pixels'], profile['pictures']]).toEqual([null, []]);
});
