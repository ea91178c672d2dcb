import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDataset, type Dataset, selectRows } from '../../lib/data/dataset.ts';
import { indexRows } from '../../lib/data/row-index.ts';
import { unseenRows } from '../../lib/data/unseen-rows.ts';
import { unwrap } from './failed.ts';

const CLASSES = ['a', 'b'];

/** Rows of `width` bytes; ids count from `from`. */
function rows(values: readonly (readonly number[])[], from = 0, width = values[0]?.length ?? 1): Dataset {
  const columns = {
    label: new Int32Array(values.length),
    id: Int32Array.from(values, (_, at) => from + at),
    pixels: { data: Uint8Array.from(values.flat()), shape: [width] },
  };
  return unwrap(createDataset({ columns, classes: CLASSES }));
}

const found = (own: Dataset, other: Dataset): (number | undefined)[] => {
  const index = indexRows(own);
  return Array.from({ length: other.rows }, (_, row) => index.find(other, row));
};

describe('rows by what they hold', () => {
  test('are found when every byte is the same, the first of several', () => {
    const own = rows([
      [1, 2, 3],
      [4, 5, 6],
      [1, 2, 3],
    ]);
    expect(
      found(
        own,
        rows([
          [4, 5, 6],
          [1, 2, 3],
          [1, 2, 4],
        ]),
      ),
    ).toEqual([1, 0, undefined]);
  });

  test('are what a search of all pairs finds, for rows of whole words and others', () => {
    const width = fc.constantFrom(1, 3, 4, 8);
    fc.assert(
      fc.property(width, fc.array(fc.nat(2), { maxLength: 60 }), fc.array(fc.nat(2), { maxLength: 60 }), (w, a, b) => {
        const cut = (all: readonly number[]) =>
          Array.from({ length: Math.floor(all.length / w) }, (_, at) => all.slice(at * w, (at + 1) * w));
        const [mine, theirs] = [cut(a), cut(b)];
        const expected = theirs.map((row) => {
          const at = mine.findIndex((other) => other.join() === row.join());
          return at < 0 ? undefined : at;
        });
        expect(found(rows(mine, 0, w), rows(theirs, 0, w))).toEqual(expected);
      }),
    );
  });

  test('of another width, or of more features, are never found', () => {
    const own = rows([[0, 0, 0, 0]]);
    expect(found(own, rows([[0, 0]]))).toEqual([undefined]);
    const two = unwrap(
      createDataset({
        columns: { label: Int32Array.of(0), pixels: Uint8Array.of(0), more: Uint8Array.of(0) },
        classes: CLASSES,
      }),
    );
    expect(found(own, two)).toEqual([undefined]);
  });

  test('of numbers with fractions are told apart by their last bit', () => {
    const of = (value: number) =>
      unwrap(createDataset({ columns: { label: Int32Array.of(0), x: Float32Array.of(value) }, classes: CLASSES }));
    expect(found(of(0.1), of(0.1))).toEqual([0]);
    expect(found(of(0.1), of(0.1 + 2e-9))).toEqual([0]);
    expect(found(of(0.1), of(0.1 + 1e-7))).toEqual([undefined]);
  });
});

describe('rows a model has not learned from', () => {
  const test0 = rows([[1], [2], [3], [4]], 10);

  test('are all of them where it learned from nothing', () => {
    expect(unseenRows(test0, [])).toEqual(Int32Array.of(0, 1, 2, 3));
    expect(unseenRows(test0, [selectRows(test0, new Int32Array())])).toEqual(Int32Array.of(0, 1, 2, 3));
  });

  test('are neither those of the same id nor those of the same content', () => {
    expect(unseenRows(test0, [rows([[99]], 11), rows([[4]], 500)])).toEqual(Int32Array.of(0, 2));
  });

  test('are not those that an augmented row was made of', () => {
    const augmented = unwrap(
      createDataset({
        columns: {
          label: Int32Array.of(0),
          id: Int32Array.of(900),
          origin: Int32Array.of(12),
          pixels: { data: Uint8Array.of(77), shape: [1] },
        },
        classes: CLASSES,
      }),
    );
    expect(unseenRows(test0, [augmented])).toEqual(Int32Array.of(0, 1, 3));
  });
});
