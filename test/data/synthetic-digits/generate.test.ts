import { expect, test } from 'vitest';
import { generateDigits } from '../../../lib/data/synthetic-digits/generate.ts';
import { sha256 } from '../../../lib/util/hash.ts';
import { unwrap } from '../failed.ts';

const AREA = 28 * 28;
const digits = unwrap(generateDigits({ train: 1000, test: 200 }, 42));
const pixels = digits.feature('pixels') as Uint8Array;
const image = (row: number): Uint8Array => pixels.subarray(row * AREA, (row + 1) * AREA);

test('the rows are marked as generated, and say how to get them again', () => {
  expect(digits.meta.generated).toBe(true);
  expect(digits.meta.provenance).toEqual([
    { source: 'synthetic-digits', rows: 1200, sha256: {}, detail: { train: 1000, test: 200, seed: 42 } },
  ]);
  expect(digits.featureShape('pixels')).toEqual([28, 28]);
});

test('both halves hold every digit equally often', () => {
  for (let digit = 0; digit < 10; digit++) {
    expect(digits.labels.subarray(0, 1000).filter((label) => label === digit)).toHaveLength(100);
    expect(digits.labels.subarray(1000).filter((label) => label === digit)).toHaveLength(20);
  }
  expect(digits.split.indexOf(1)).toBe(1000);
});

test('a row is the same for the same seed, whatever the counts are, and another for another seed', () => {
  const fewer = unwrap(generateDigits({ train: 20, test: 10 }, 42));
  expect(fewer.feature('pixels').slice(0, 20 * AREA)).toEqual(pixels.slice(0, 20 * AREA));
  expect(fewer.feature('pixels').slice(20 * AREA)).toEqual(pixels.slice(1000 * AREA, 1010 * AREA));
  expect([...fewer.ids.slice(18, 22)]).toEqual([18, 19, 100_000_000, 100_000_001]);
  const other = unwrap(generateDigits({ train: 20, test: 10 }, 43));
  expect(other.feature('pixels')).not.toEqual(fewer.feature('pixels'));
});

test('no two digits are alike', () => {
  expect(new Set(Array.from({ length: 1200 }, (_, row) => sha256(image(row)))).size).toBe(1200);
});

test('every digit has an empty border, dark ink, and its centre of mass in the middle', () => {
  for (let row = 0; row < 1200; row++) {
    const ink = image(row);
    let [mass, x, y, border] = [0, 0, 0, 0];
    ink.forEach((value, at) => {
      const [column, line] = [at % 28, Math.floor(at / 28)];
      mass += value;
      x += value * (column + 0.5);
      y += value * (line + 0.5);
      if (column === 0 || line === 0 || column === 27 || line === 27) border += value;
    });
    expect(Math.hypot(x / mass - 14, y / mass - 14)).toBeLessThan(1.5);
    expect(border / mass).toBeLessThan(0.05);
    expect(Math.max(...ink)).toBeGreaterThan(180);
  }
});

test('the share of ink is about that of MNIST (mean 33, 19 % of the pixels)', () => {
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  const inked = pixels.reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0) / pixels.length;
  expect(mean).toBeGreaterThan(26);
  expect(mean).toBeLessThan(37);
  expect(inked).toBeGreaterThan(0.16);
  expect(inked).toBeLessThan(0.22);
});

test('the nearest class mean tells most test digits, and by far not all', () => {
  const means = Array.from({ length: 10 }, () => new Float64Array(AREA));
  for (let row = 0; row < 1000; row++) {
    const mean = means[digits.labels[row] as number] as Float64Array;
    image(row).forEach((value, at) => {
      mean[at] = (mean[at] as number) + value / 100;
    });
  }
  let correct = 0;
  for (let row = 1000; row < 1200; row++) {
    const ink = image(row);
    const distances = means.map((mean) => mean.reduce((sum, value, at) => sum + (value - (ink[at] as number)) ** 2, 0));
    if (distances.indexOf(Math.min(...distances)) === digits.labels[row]) correct += 1;
  }
  expect(correct / 200).toBeGreaterThan(0.6);
  expect(correct / 200).toBeLessThan(0.93);
});
