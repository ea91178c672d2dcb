import { expect, test } from 'vitest';
import { augmentRows } from '../../lib/data/augment.ts';
import { createDataset } from '../../lib/data/dataset.ts';
import { affineOf, resample } from '../../lib/data/resample.ts';
import { AUGMENTED_IDS_FROM } from '../../lib/data/row-ids.ts';
import { messageOf, unwrap } from './failed.ts';

const SIDE = 5;

/** Images with one bright pixel each, at the middle of the top row. */
const images = (rows: number) =>
  unwrap(
    createDataset({
      columns: {
        label: Int32Array.from({ length: rows }, (_, row) => row % 2),
        pixels: {
          data: Uint8Array.from({ length: rows * SIDE * SIDE }, (_, at) => (at % 25 === 2 ? 200 : 0)),
          shape: [SIDE, SIDE],
        },
      },
      classes: ['a', 'b'],
    }),
  );

function moved(change: Partial<Parameters<typeof affineOf>[0]>): Uint8Array {
  const source = images(1).feature('pixels') as Uint8Array;
  const target = new Uint8Array(SIDE * SIDE);
  const affine = affineOf({ radians: 0, zoom: 1, shiftX: 0, shiftY: 0, ...change });
  resample(source, target, { affine, height: SIDE, width: SIDE });
  return target;
}

const inked = (pixels: Uint8Array): Record<string, number> =>
  Object.fromEntries(
    [...pixels.entries()].filter(([, value]) => value > 0).map(([at, value]) => [`${at % 5},${(at / 5) | 0}`, value]),
  );

test('resampling by hand: identity, a whole shift, half a shift, a quarter turn, out of the image', () => {
  expect(inked(moved({}))).toEqual({ '2,0': 200 });
  expect(inked(moved({ shiftX: 1, shiftY: 2 }))).toEqual({ '3,2': 200 });
  expect(inked(moved({ shiftX: 0.5 }))).toEqual({ '2,0': 100, '3,0': 100 });
  expect(inked(moved({ radians: Math.PI / 2 }))).toEqual({ '4,2': 200 });
  expect(inked(moved({ radians: Math.PI / 2, shiftX: -1 }))).toEqual({ '3,2': 200 });
  expect(inked(moved({ shiftY: -1 }))).toEqual({});
  expect(inked(moved({ zoom: 0.5 }))).toEqual({ '2,1': 200 });
});

test('copies follow the rows they are of: same label, origin, new ids', () => {
  const augmented = unwrap(augmentRows(images(3), { copies: 2, shift: 1 }, 42));
  expect(augmented.ids).toEqual(
    Int32Array.of(0, 1, 2, ...Array.from({ length: 6 }, (_, at) => AUGMENTED_IDS_FROM + at)),
  );
  expect(augmented.origins).toEqual(Int32Array.of(0, 1, 2, 0, 0, 1, 1, 2, 2));
  expect(augmented.labels).toEqual(Int32Array.of(0, 1, 0, 0, 0, 1, 1, 0, 0));
  expect(augmented.feature('pixels').slice(0, 75)).toEqual(images(3).feature('pixels'));
  expect(augmented.meta.provenance).toEqual(images(3).meta.provenance);
});

test('copies of rows that a source has augmented itself have ids that nobody has', () => {
  const once = unwrap(augmentRows(images(3), { copies: 1 }, 42));
  const twice = unwrap(augmentRows(once, { copies: 1 }, 42));
  expect(new Set(twice.ids).size).toBe(12);
  expect([...twice.ids.slice(6)]).toEqual(Array.from({ length: 6 }, (_, at) => AUGMENTED_IDS_FROM + 3 + at));
});

test('a fraction of a copy is that share of the rows', () => {
  const augmented = unwrap(augmentRows(images(1000), { copies: 0.2 }, 42));
  expect(augmented.rows).toBeGreaterThan(1160);
  expect(augmented.rows).toBeLessThan(1240);
  expect(new Set(augmented.origins.slice(1000)).size).toBe(augmented.rows - 1000);
  expect(unwrap(augmentRows(images(4), { copies: 0, shift: 2 }, 42)).rows).toBe(4);
});

test('the same seed gives the same copies, and a copy does not depend on other rows', () => {
  const change = { copies: 1, shift: 1, rotate: 20, zoom: 0.2 };
  const first = unwrap(augmentRows(images(4), change, 42));
  expect(unwrap(augmentRows(images(4), change, 42)).feature('pixels')).toEqual(first.feature('pixels'));
  expect(unwrap(augmentRows(images(4), change, 43)).feature('pixels')).not.toEqual(first.feature('pixels'));
  const fewer = unwrap(augmentRows(images(2), change, 42));
  expect(fewer.feature('pixels').slice(50)).toEqual(first.feature('pixels').slice(100, 150));
});

test('rows without images cannot be augmented', () => {
  const columns = { label: Int32Array.of(0, 1), age: Float32Array.of(1, 2) };
  const table = unwrap(createDataset({ columns, classes: ['no', 'yes'] }));
  expect(messageOf(augmentRows(table, { copies: 1 }, 1))).toBe(
    'Augmentation needs images, a uint8 column of two dimensions; the features are age.',
  );
});
