import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeNpy } from '../../lib/data/npy.ts';
import type { Rows } from '../../lib/ml/engine.ts';
import { foundColumns, usedColumns } from '../../lib/ml/onnx/used-columns.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';

const inFolder = temporaryFolder();

/** Rows of `width` values, some columns of which hold nothing. */
const gapped = fc
  .record({ count: fc.integer({ min: 1, max: 2500 }), gaps: fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }) })
  .map(({ count, gaps }) => {
    const width = gaps.length;
    const inputs = Uint8Array.from({ length: count * width }, (_, at) => (gaps[at % width] ? 0 : (at * 31) % 256));
    return { width, rows: { count, inputs, labels: new Int32Array(count) } satisfies Rows };
  });

function expected({ inputs, count }: Rows, width: number): { columns: number[]; values: number[] } | undefined {
  const every = Array.from({ length: width }, (_, column) => column);
  const columns = every.filter((column) => inputs.some((value, at) => at % width === column && value !== 0));
  if (columns.length === 0 || columns.length === width) return undefined;
  const values = Array.from({ length: count }, (_, row) => columns.map((column) => inputs[row * width + column] ?? 0));
  return { columns, values: values.flat() };
}

const told = (rows: Rows) => {
  const found = usedColumns(rows);
  return found === undefined ? undefined : { columns: [...found.columns], values: [...found.values] };
};

describe('the columns that hold anything', () => {
  test('are found and copied, from memory and from a file', () => {
    fc.assert(
      fc.property(gapped, fc.nat(), ({ width, rows }, id) => {
        const wanted = expected(rows, width);
        expect(told(rows)).toEqual(wanted);
        const path = inFolder(`${id}-${rows.count}-${width}.npy`);
        writeNpy(path, rows.inputs, [rows.count, width]);
        expect(told({ ...rows, file: { path, offset: 128, type: 'uint8', width } })).toEqual(wanted);
      }),
      { numRuns: 40 },
    );
  });

  test('of rows in a file are found without asking for their values, which would read all of them once more', () => {
    const path = inFolder('rows.npy');
    writeNpy(path, Uint8Array.of(0, 1, 0, 2, 0, 3), [3, 2]);
    const rows: Rows = {
      count: 3,
      labels: new Int32Array(3),
      get inputs(): never {
        throw new Error('they were asked for');
      },
      file: { path, offset: 128, type: 'uint8', width: 2 },
    };
    expect(foundColumns(rows)).toBeUndefined();
    expect(usedColumns(rows)).toEqual({ columns: Int32Array.of(1), values: Uint8Array.of(1, 2, 3) });
    expect(foundColumns(rows)).toBe(usedColumns(rows));
  });

  test('are left where they are when hardly any is empty', () => {
    const width = 17;
    const inputs = Float32Array.from({ length: 3 * width }, (_, at) => (at % width === 5 ? 0 : Number.NaN));
    expect(usedColumns({ count: 3, inputs, labels: new Int32Array(3) })).toBeUndefined();
  });

  test('are left where they are when a copy would be too large', () => {
    const [count, width] = [1025, 2 ** 17];
    const inputs = new Uint8Array(count * width);
    for (let column = 0; column < width / 2; column++) inputs[column] = 1;
    expect(usedColumns({ count, inputs, labels: new Int32Array(count) })).toBeUndefined();
    const fewer = { count: 8, inputs: inputs.subarray(0, 8 * width), labels: new Int32Array(8) };
    expect(usedColumns(fewer)?.columns).toHaveLength(width / 2);
  });
});
