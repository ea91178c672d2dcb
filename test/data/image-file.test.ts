import { writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readGreyImage } from '../../lib/data/image-file.ts';
import { messageOf, unwrap } from './failed.ts';
import { temporaryFolder } from './temporary-folder.ts';

const path = temporaryFolder();
const SIZE = { width: 28, height: 28 };

interface Bar {
  readonly paper: number;
  readonly ink: number;
  readonly width: number;
  readonly height: number;
  /** left, top, width, height of the ink. */
  readonly bar: readonly [number, number, number, number];
}

/** A picture of a bar of ink on paper. */
async function draw(name: string, { paper, ink, width, height, bar }: Bar): Promise<string> {
  const [left, top, barWidth, barHeight] = bar;
  const grey = Buffer.alloc(width * height, paper);
  for (let y = top; y < top + barHeight; y++) grey.fill(ink, y * width + left, y * width + left + barWidth);
  await sharp(grey, { raw: { width, height, channels: 1 } }).toFile(path(name));
  return path(name);
}

/** left, top, right and bottom of what is brighter than half. */
function boxOf(pixels: Uint8Array): readonly number[] {
  const lit = [...pixels.keys()].filter((at) => (pixels[at] as number) > 127);
  const [xs, ys] = [lit.map((at) => at % 28), lit.map((at) => Math.floor(at / 28))];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

test('dark ink on white paper of any size becomes light ink on black, 20 pixels high, in the middle', async () => {
  const file = await draw('a.png', { paper: 255, ink: 0, width: 300, height: 200, bar: [210, 20, 20, 100] });
  const pixels = unwrap(await readGreyImage(file, SIZE));
  expect(pixels).toHaveLength(784);
  expect(boxOf(pixels)).toEqual([12, 4, 15, 23]);
  expect([pixels[0], pixels[14 * 28 + 14]]).toEqual([0, 255]);
});

test('light ink on dark ground gives the same picture', async () => {
  const bar = { width: 300, height: 200, bar: [210, 20, 20, 100] } as const;
  const dark = await draw('a.png', { paper: 255, ink: 0, ...bar });
  const light = await draw('b.png', { paper: 0, ink: 255, ...bar });
  expect(unwrap(await readGreyImage(light, SIZE))).toEqual(unwrap(await readGreyImage(dark, SIZE)));
});

test('grey ink on grey paper is stretched, as a photo needs it', async () => {
  const file = await draw('a.jpg', { paper: 190, ink: 60, width: 900, height: 1200, bar: [300, 500, 300, 60] });
  const pixels = unwrap(await readGreyImage(file, SIZE));
  expect(boxOf(pixels)).toEqual([4, 12, 23, 15]);
  expect(pixels[0]).toBe(0);
  expect(pixels[14 * 28 + 14]).toBeGreaterThan(245);
});

test('a picture of the right size is taken as it is, turned when it is dark on light', async () => {
  const bar = { width: 28, height: 28, bar: [3, 3, 2, 2] } as const;
  const file = await draw('a.png', { paper: 0, ink: 90, ...bar });
  const pixels = unwrap(await readGreyImage(file, SIZE));
  expect([pixels[3 * 28 + 3], pixels.filter((value) => value > 0).length]).toEqual([90, 4]);
  const turned = unwrap(await readGreyImage(await draw('b.png', { paper: 255, ink: 165, ...bar }), SIZE));
  expect(turned).toEqual(pixels);
});

test('ink on a transparent ground is ink on paper', async () => {
  const ink = Buffer.alloc(40 * 40 * 4);
  for (let y = 10; y < 30; y++) for (let x = 18; x < 22; x++) ink[(y * 40 + x) * 4 + 3] = 255;
  await sharp(ink, { raw: { width: 40, height: 40, channels: 4 } })
    .png()
    .toFile(path('a.png'));
  expect(boxOf(unwrap(await readGreyImage(path('a.png'), SIZE)))).toEqual([12, 4, 15, 23]);
});

test('a blank picture, a file that is no picture, and no file are told', async () => {
  const blank = await draw('blank.png', { paper: 250, ink: 245, width: 50, height: 50, bar: [10, 10, 5, 5] });
  expect(messageOf(await readGreyImage(blank, SIZE), path())).toBe(
    'DIR/blank.png is blank: there is nothing to recognise in it.',
  );
  writeFileSync(path('x.png'), 'text');
  expect(messageOf(await readGreyImage(path('x.png'), SIZE), path())).toContain('DIR/x.png is not an image: ');
  expect(messageOf(await readGreyImage(path('none.png'), SIZE), path())).toBe(
    "DIR/none.png cannot be read: ENOENT: no such file or directory, open 'DIR/none.png'.",
  );
});
