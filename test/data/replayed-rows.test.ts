import { describe, expect, test } from 'vitest';
import { createDataset, type Dataset } from '../../lib/data/dataset.ts';
import { replayedRows } from '../../lib/data/replayed-rows.ts';
import { shiftRows, shiftText } from '../../lib/data/shift.ts';
import { countUp } from '../../lib/util/count-up.ts';
import { unwrap } from './failed.ts';

const SIDE = 5;
const AREA = SIDE * SIDE;

/** Images with a bar across the middle, each of its own grey. */
function bars(rows: number): Dataset {
  const data = new Uint8Array(rows * AREA);
  for (let row = 0; row < rows; row++) data.fill(100 + (row % 100), row * AREA + 2 * SIDE, row * AREA + 3 * SIDE);
  const columns = { label: new Int32Array(rows), id: countUp(rows), pixels: { data, shape: [SIDE, SIDE] } };
  return unwrap(createDataset({ columns, classes: ['bar'] }));
}

const image = (dataset: Dataset, row: number): number[] => [
  ...(dataset.feature('pixels') as Uint8Array).subarray(row * AREA, (row + 1) * AREA),
];

describe('a shift', () => {
  test('turns every image by the same angle, and leaves the rows it was given alone', () => {
    const given = bars(2);
    const turned = unwrap(shiftRows(given, { rotate: 90 }, 1));
    expect(image(turned, 1)).toEqual(Array.from({ length: AREA }, (_, at) => (at % SIDE === 2 ? 101 : 0)));
    expect(image(given, 1)).toEqual(image(bars(2), 1));
    expect(turned.ids).toEqual(given.ids);
  });

  test('adds noise of the deviation it is asked for, the same for the same seed and row', () => {
    const noisy = unwrap(shiftRows(bars(200), { noise: 0.1 }, 1));
    expect(image(unwrap(shiftRows(bars(200), { noise: 0.1 }, 1)), 7)).toEqual(image(noisy, 7));
    expect(image(unwrap(shiftRows(bars(200), { noise: 0.1 }, 2)), 7)).not.toEqual(image(noisy, 7));
    // Of the bars alone: elsewhere half of the noise lies below black.
    const differences = Array.from({ length: 200 }, (_, row) =>
      image(noisy, row)
        .slice(2 * SIDE, 3 * SIDE)
        .map((value) => value - 100 - (row % 100)),
    ).flat();
    const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
    const deviation = Math.sqrt(differences.reduce((sum, one) => sum + (one - mean) ** 2, 0) / differences.length);
    expect(Math.abs(mean)).toBeLessThan(3);
    expect(deviation).toBeGreaterThan(23);
    expect(deviation).toBeLessThan(28);
  });

  test('is told in words', () => {
    expect(shiftText({ rotate: 25, noise: 0.2 })).toBe('turned by 25 degrees and with noise of sigma 0.2');
    expect(shiftText({})).toBe('as it is');
  });
});

describe('replayed rows', () => {
  const world = { after: 30, rotate: 90 };
  const replayed = (version: number, rows = 100) => unwrap(replayedRows(bars(1000), { rows, seed: 4, version, world }));
  const isShifted = (dataset: Dataset, row: number): boolean => image(dataset, row)[2] !== 0;

  test('are the live rows as they are where no world is asked for', () => {
    const rows = unwrap(replayedRows(bars(50), { rows: 20, seed: 4, version: 1, world: undefined }));
    expect(rows.rows).toBe(20);
    for (let row = 0; row < 20; row++) expect(image(rows, row)).toEqual(image(bars(50), rows.ids[row] as number));
  });

  test('change once, while the first version is asked', () => {
    const first = replayed(1);
    expect(Array.from({ length: 100 }, (_, row) => isShifted(first, row))).toEqual(
      Array.from({ length: 100 }, (_, row) => row >= 30),
    );
    expect(isShifted(replayed(2), 0)).toBe(true);
  });

  test('of a version are none of those the version before was asked', () => {
    const first = new Set(replayed(1, 1000).ids);
    expect([...replayed(2, 1000).ids].some((id) => first.has(id))).toBe(false);
    expect(replayed(1, 1000).rows + replayed(2, 1000).rows).toBe(1000);
  });
});
