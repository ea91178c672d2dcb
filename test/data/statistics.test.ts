import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDataset, type Dataset } from '../../lib/data/dataset.ts';
import { datasetStatistics } from '../../lib/data/statistics.ts';
import { unwrap } from './failed.ts';

const dataset = (columns: Parameters<typeof createDataset>[0]['columns'], classes = ['a', 'b']): Dataset =>
  unwrap(createDataset({ columns, classes }));

describe('what rows are like', () => {
  test('by hand', () => {
    const { rows, classes, perClass, features } = datasetStatistics(
      dataset({
        label: Int32Array.of(0, 1, 1),
        pixels: { data: Uint8Array.of(0, 10, 20, 30, 40, 50), shape: [1, 2] },
      }),
    );
    expect([rows, classes, perClass]).toEqual([3, ['a', 'b'], [1, 2]]);
    const { percentiles, ...pixels } = features['pixels'] ?? { percentiles: [] };
    expect(pixels).toEqual({
      dtype: 'uint8',
      shape: [1, 2],
      missing: 0,
      values: 6,
      min: 0,
      max: 50,
      mean: 25,
      // sqrt(1750 / 6)
      std: 17.0783,
      means: [20, 30],
    });
    expect([percentiles[0], percentiles[1], percentiles[50], percentiles[51], percentiles[100]]).toEqual([
      0, 0, 20, 30, 50,
    ]);
    expect(percentiles).toHaveLength(101);
  });

  test('leaves augmented rows out', () => {
    const columns = {
      label: Int32Array.of(0, 1, 1),
      id: Int32Array.of(1, 2, 900),
      origin: Int32Array.of(1, 2, 2),
      pixels: { data: Uint8Array.of(1, 2, 200), shape: [1] },
    };
    const { rows, perClass, features } = datasetStatistics(dataset(columns));
    expect([rows, perClass, features['pixels']?.max]).toEqual([2, [1, 1], 2]);
  });

  test('counts values that are none, and leaves them out of all else', () => {
    const { features } = datasetStatistics(
      dataset({
        label: Int32Array.of(0, 1),
        x: { data: Float32Array.of(1, Number.NaN, 3, Number.POSITIVE_INFINITY), shape: [2] },
      }),
    );
    expect(features['x']).toMatchObject({ missing: 2, values: 2, min: 1, max: 3, mean: 2, std: 1, means: [2, 0] });
  });

  test('of no rows is nothing, and no NaN', () => {
    const none = datasetStatistics(
      dataset({
        label: new Int32Array(),
        pixels: { data: new Uint8Array(), shape: [2] },
        x: { data: new Float32Array(), shape: [] },
      }),
    );
    expect(none.perClass).toEqual([0, 0]);
    for (const feature of Object.values(none.features)) {
      expect(feature).toMatchObject({ values: 0, min: null, max: null, mean: null, std: null, percentiles: [] });
    }
    expect(JSON.parse(JSON.stringify(none))).toEqual(none);
  });

  test('takes percentiles from every position, however wide a row is', () => {
    // Ten numbers a row, a million in all: every tenth is looked at.
    const data = Float32Array.from({ length: 1_000_000 }, (_, at) => (at % 10 === 9 ? 0 : 1000));
    const { features } = datasetStatistics(
      dataset({ label: new Int32Array(100_000), x: { data, shape: [10] } }, ['a']),
    );
    const { percentiles = [] } = features['x'] ?? {};
    expect([percentiles[9], percentiles[11]]).toEqual([0, 1000]);
  });

  test('tells how far values vary that are large beside it', () => {
    const data = Int32Array.from({ length: 10_000 }, (_, at) => 1_700_000_000 + (at % 2 === 0 ? 10 : -10));
    const { features } = datasetStatistics(dataset({ label: new Int32Array(10_000), x: data }, ['a']));
    expect(features['x']).toMatchObject({ mean: 1_700_000_000, std: 10 });
  });

  test('is the same for the same values as bytes and as numbers with fractions', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(255), { minLength: 3, maxLength: 300 }), (values) => {
        const rows = Math.floor(values.length / 3);
        const used = values.slice(0, rows * 3);
        const label = new Int32Array(rows);
        const { features } = datasetStatistics(
          dataset({
            label,
            b: { data: Uint8Array.from(used), shape: [3] },
            f: { data: Float32Array.from(used), shape: [3] },
          }),
        );
        const { dtype: _, percentiles, ...bytes } = features['b'] ?? { dtype: 'uint8', percentiles: [] };
        const { dtype: __, percentiles: others, ...numbers } = features['f'] ?? { dtype: 'uint8', percentiles: [] };
        expect(bytes).toEqual(numbers);
        const sorted = [...used].sort((a, b) => a - b);
        percentiles.forEach((value, percent) => {
          expect(sorted).toContain(value);
          // Both are a value at that rank; they may differ by one place.
          const at = (percent / 100) * (sorted.length - 1);
          const near = sorted.slice(Math.max(0, Math.floor(at) - 1), Math.ceil(at) + 2);
          expect(near).toContain(value);
          expect(near).toContain(others[percent]);
        });
      }),
    );
  });
});
