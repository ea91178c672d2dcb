import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findIdxFiles, readIdxFiles } from '../../lib/data/idx-folder.ts';
import { DIGIT_CLASSES } from '../../lib/data/mnist-files.ts';
import { messageOf, unwrap } from './failed.ts';
import { idxImages, idxLabels, writeFile } from './idx-files.ts';
import { temporaryFolder } from './temporary-folder.ts';

const path = temporaryFolder();
const IMAGES = 'train-images-idx3-ubyte.gz';
const LABELS = 'train-labels-idx1-ubyte.gz';

const read = () => {
  const files = findIdxFiles(path());
  return files.ok ? readIdxFiles(files.value, { source: 'idx', classes: DIGIT_CLASSES }) : files;
};

const messageFor = (images: Buffer, labels: Buffer): string => {
  writeFile(path(IMAGES), images);
  writeFile(path(LABELS), labels);
  return messageOf(read(), path());
};

test('training and test files become one dataset, gzipped or not', () => {
  writeFile(path(IMAGES), idxImages(3));
  writeFile(path('train-labels-idx1-ubyte'), idxLabels([4, 0, 9]));
  writeFile(path('t10k-images-idx3-ubyte'), idxImages(1, 100));
  writeFile(path('t10k-labels-idx1-ubyte.gz'), idxLabels([7]));
  const dataset = unwrap(read());
  expect(dataset.labels).toEqual(Int32Array.of(4, 0, 9, 7));
  expect(dataset.split).toEqual(Uint8Array.of(0, 0, 0, 1));
  expect(dataset.featureShape('pixels')).toEqual([2, 2]);
  expect(dataset.feature('pixels')).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 100, 101, 102, 103));
  expect(Object.keys(dataset.meta.provenance[0]?.sha256 ?? {}).sort()).toEqual([
    't10k-images-idx3-ubyte',
    't10k-labels-idx1-ubyte.gz',
    IMAGES,
    'train-labels-idx1-ubyte',
  ]);
});

test('a truncated gzip is told from other damage', () => {
  writeFile(path(LABELS), idxLabels([1]));
  writeFile(path(IMAGES), idxImages(40));
  truncateSync(path(IMAGES), 60);
  expect(messageOf(read(), path())).toBe(
    `DIR/${IMAGES} (60 bytes) does not unpack: it ends in the middle, the end is missing.\nCopy or download it again.`,
  );
});

test('a gzip with a changed byte does not unpack', () => {
  writeFile(path(LABELS), idxLabels([1]));
  writeFile(path(IMAGES), idxImages(1));
  const bytes = readFileSync(path(IMAGES));
  bytes[bytes.length - 6] = (bytes[bytes.length - 6] ?? 0) ^ 0xff;
  writeFileSync(path(IMAGES), bytes);
  expect(messageOf(read(), path())).toContain('does not unpack: incorrect data check.');
});

test('a wrong magic number is shown beside the right one', () => {
  expect(messageFor(idxLabels([1, 2]), idxLabels([1, 2]))).toBe(
    `DIR/${IMAGES} does not begin like IDX images: its magic number is 2049 (0x00000801), expected 2051 (0x00000803).`,
  );
});

test('a header count that disagrees with the length is shown with both lengths', () => {
  expect(messageFor(idxImages(3).subarray(0, -1), idxLabels([1, 2, 3]))).toBe(
    `DIR/${IMAGES} disagrees with its header: expected 28 bytes (3 x 2 x 2 pixels and a header), the file holds 27.\n` +
      'The file was cut off or is not what its name says; copy or download it again.',
  );
});

test('a file with less than a header is told', () => {
  expect(messageFor(idxImages(3).subarray(0, 10), idxLabels([1, 2, 3]))).toContain(
    'disagrees with its header: expected 16 bytes (the header alone), the file holds 10.',
  );
});

test('label 10 of 0 to 9 is shown with its row', () => {
  expect(messageFor(idxImages(3), idxLabels([1, 10, 3]))).toBe(
    `DIR/${LABELS}: label 10 in row 1 is no class; labels run from 0 to 9.\n` +
      "Mend the file, or name all classes in the stage's params: idx: { classes: [...] }.",
  );
});

test('images and labels of different counts are shown with both counts', () => {
  expect(messageFor(idxImages(3), idxLabels([1, 2]))).toBe(
    `DIR/${IMAGES} holds 3 images, but DIR/${LABELS} holds 2 labels.\n` +
      'Every image needs one label: the two files must come from the same set.',
  );
});

test('an empty file is called empty', () => {
  writeFile(path(LABELS), idxLabels([1]));
  writeFileSync(path(IMAGES), '');
  expect(messageOf(read(), path())).toBe(`DIR/${IMAGES} is empty (0 bytes).\nCopy or download it again.`);
});

test('a folder without the files says what it looked for and what is there', () => {
  writeFile(path('notes.txt'), Buffer.from('x'));
  expect(messageOf(read(), path())).toBe(
    'DIR holds no train-images-idx3-ubyte and train-labels-idx1-ubyte (or .gz); it holds notes.txt.',
  );
  writeFile(path(IMAGES), idxImages(1));
  expect(messageOf(read(), path())).toBe(
    `DIR holds no train-labels-idx1-ubyte (or .gz) beside ${IMAGES}; it holds notes.txt, ${IMAGES}.`,
  );
});

test('test images of another size than the training images are refused', () => {
  writeFile(path('t10k-images-idx3-ubyte'), Buffer.from('00000803000000010000000100000002ffff', 'hex'));
  writeFile(path('t10k-labels-idx1-ubyte'), idxLabels([1]));
  expect(messageFor(idxImages(1), idxLabels([1]))).toBe(
    'Training and test images differ in size: 2 x 2 and 1 x 2 pixels.',
  );
});
