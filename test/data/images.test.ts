import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readImageFolder } from '../../lib/data/images.ts';
import type { ImageSize } from '../../lib/data/sharp-image.ts';
import { messageOf, unwrap } from './failed.ts';
import { temporaryFolder } from './temporary-folder.ts';

const path = temporaryFolder();
const SIZE: ImageSize = { width: 4, height: 4, fit: 'contain', invert: false };

/** A picture of one colour. */
async function picture(name: string, grey: number, { width = 4, height = 4, format = 'png' as 'png' | 'jpeg' } = {}) {
  mkdirSync(dirname(path(name)), { recursive: true });
  const background = { r: grey, g: grey, b: grey };
  await sharp({ create: { width, height, channels: 3, background } })
    .toFormat(format)
    .toFile(path(name));
}

const read = (size = SIZE) => readImageFolder(path(), { size });

test('folders are the classes, sorted by code unit; hidden files are not looked at', async () => {
  await picture('b/2.png', 20);
  await picture('b/10.png', 10);
  await picture('B/x.jpg', 200, { format: 'jpeg' });
  writeFileSync(path('b', '.DS_Store'), 'x');
  const dataset = unwrap(await read());
  expect(dataset.meta.classes).toEqual(['B', 'b']);
  expect(dataset.labels).toEqual(Int32Array.of(0, 1, 1));
  expect(dataset.featureShape('pixels')).toEqual([4, 4]);
  const pixels = dataset.feature('pixels');
  expect([pixels[0], pixels[16], pixels[32]]).toEqual([200, 10, 20]);
  expect(Object.keys(dataset.meta.provenance[0]?.sha256 ?? {})).toEqual(['B/', 'b/']);
});

test('contain pads with the ground, and invert turns dark ink on light ground', async () => {
  await picture('a/wide.png', 0, { width: 8, height: 4 });
  await picture('b/high.png', 0, { width: 4, height: 8 });
  const dataset = unwrap(await read({ ...SIZE, invert: true }));
  expect([...dataset.feature('pixels').subarray(0, 16)]).toEqual([0, 0, 0, 0, ...Array(8).fill(255), 0, 0, 0, 0]);
});

test('ids come from the content, so that another image changes none of them', async () => {
  await picture('a/m.png', 50);
  await picture('b/n.png', 60);
  const before = unwrap(await read()).ids;
  await picture('a/b.png', 70);
  const after = unwrap(await read()).ids;
  expect([after[1], after[2]]).toEqual([...before]);
});

test('a file that is no image is named', async () => {
  await picture('a/1.png', 1);
  await picture('b/1.png', 1);
  writeFileSync(path('b', 'notes.txt'), 'not a picture');
  expect(messageOf(await read(), path())).toBe(
    'DIR/b/notes.txt is not an image: Input buffer contains unsupported image format.\n' +
      'PNG and JPEG are read. Move anything else out of the folder.',
  );
});

test.each([
  ['jpeg', 200],
  ['jpeg', 3],
  ['png', 20],
] as const)('a %s that is cut off by %i bytes is named, whatever is read beside it', async (format, missing) => {
  await picture('b/1.png', 1);
  const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#888' } })
    .toFormat(format)
    .toBuffer();
  // Several at once, since the library that reads them keeps what went wrong in one place for all.
  for (let image = 1; image <= 8; image++) {
    mkdirSync(path('a'), { recursive: true });
    writeFileSync(path('a', `${image}.${format}`), bytes.subarray(0, bytes.length - missing));
  }
  expect(messageOf(await read(), path())).toBe(
    `DIR/a/1.${format} is not an image: it is cut off, its end is missing.\n` +
      'PNG and JPEG are read. Move anything else out of the folder.',
  );
});

test('an image that is damaged is named, and one with bytes behind its end is read', async () => {
  await picture('a/1.png', 1);
  await picture('b/1.jpg', 1, { format: 'jpeg' });
  const [png, jpeg] = [readFileSync(path('a', '1.png')), readFileSync(path('b', '1.jpg'))];
  writeFileSync(path('b', '1.jpg'), Buffer.concat([jpeg, Buffer.alloc(100)]));
  unwrap(await read());
  png.fill(0xff, 8, 24);
  writeFileSync(path('a', '1.png'), png);
  expect(messageOf(await read(), path())).toMatch(
    /^DIR\/a\/1\.png is not an image: Input buffer has corrupt header: .+\.\n/,
  );
});

test('a picture in a format that is not read is named with its format', async () => {
  await picture('a/1.png', 1);
  await picture('b/1.png', 1);
  await sharp({ create: { width: 4, height: 4, channels: 3, background: '#888' } })
    .gif()
    .toFile(path('a', '2.png.gif'));
  expect(messageOf(await read(), path())).toContain('DIR/a/2.png.gif is not an image: its format is gif.');
});

test('an empty image file is called empty', async () => {
  await picture('a/1.png', 1);
  await picture('b/1.png', 1);
  writeFileSync(path('b', '0.png'), '');
  expect(messageOf(await read(), path())).toContain('DIR/b/0.png is empty (0 bytes).');
});

test('folders that hold no classes, and images outside of them, are told', async () => {
  expect(messageOf(await read(), path())).toBe(
    'DIR is not a folder of images: it holds 0 class folders, at least 2 are needed.\n' +
      'It needs one folder per class, named for the class, with PNG or JPEG files in it.',
  );
  await picture('a/1.png', 1);
  mkdirSync(path('b'));
  expect(messageOf(await read(), path())).toContain('DIR is not a folder of images: the class folder b is empty.');
  await picture('stray.png', 1);
  expect(messageOf(await read(), path())).toContain('stray.png lies outside the class folders.');
});
