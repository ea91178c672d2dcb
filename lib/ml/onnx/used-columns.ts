import { ITEM_BYTES } from '../../data/npy.ts';
import { rowChunks } from '../../data/read-rows.ts';
import { countUp } from '../../util/count-up.ts';
import { rowWidth } from '../batches.ts';
import type { Rows, RowsFile } from '../engine.ts';

/** Rows of a file that are looked at at once: where they have no gaps, no more are read. */
const AT_ONCE = 1024;

/** A copy of the rows may take so many bytes; beyond that the mapped file, which all processes share, is better. */
const MOST_BYTES = 2 ** 26;

/** Below this share of empty columns a copy without them saves less than it costs. */
const LEAST_EMPTY = 1 / 16;

type Data = Rows['inputs'];

/** Rows without the columns that are zero in every row. */
export interface UsedColumns {
  /** Which columns are left, ascending. */
  readonly columns: Int32Array;
  /** Rows x columns that are left, row-major. */
  readonly values: Data;
}

/** What was found in the values that are in memory, and in the file that was asked about last. */
const inMemory = new WeakMap<Data, UsedColumns | null>();
let inFile: { readonly key: string; readonly found: UsedColumns | null } | undefined;

/**
 * The used columns of all rows there are to choose from, chosen or not, so that every fit on a dataset leaves out the same;
 * undefined where a copy of them would be too large or would save too little. The same values are looked through once.
 */
export function usedColumns(rows: Rows): UsedColumns | undefined {
  const { file, labels } = rows;
  const count = labels.length;
  if (file !== undefined) {
    const key = keyOf(file, count);
    if (inFile?.key !== key) {
      inFile = undefined;
      inFile = { key, found: ofFile(file, count) };
    }
    return inFile.found ?? undefined;
  }
  const { inputs } = rows;
  const known = inMemory.get(inputs);
  if (known !== undefined) return known ?? undefined;
  const found = ofMemory(inputs, rowWidth(rows));
  inMemory.set(inputs, found);
  return found ?? undefined;
}

/** What was found before; undefined where nobody looked. */
export function foundColumns(rows: Rows): UsedColumns | undefined {
  const { file, labels } = rows;
  // Of rows in a file the values are not asked for: that would read them.
  if (file === undefined) return inMemory.get(rows.inputs) ?? undefined;
  return inFile?.key === keyOf(file, labels.length) ? (inFile.found ?? undefined) : undefined;
}

const keyOf = (file: RowsFile, count: number): string => JSON.stringify([file, count]);

function ofFile(file: RowsFile, count: number): UsedColumns | null {
  const { width } = file;
  if (count * width * ITEM_BYTES[file.type] > MOST_BYTES) return null;
  let empty = everyColumn(width);
  for (const chunk of rowChunks(file, { rows: count, width, atOnce: AT_ONCE })) {
    empty = stillEmpty(chunk, width, empty);
    if (areTooFew(empty, width)) return null;
  }
  // All rows are read again: memory for them, asked for before it was known whether they are kept, would stay for long.
  const [values] = rowChunks(file, { rows: count, width, atOnce: count });
  return values === undefined ? null : closedUp(values, width, empty);
}

function ofMemory(inputs: Data, width: number): UsedColumns | null {
  if (inputs.byteLength > MOST_BYTES) return null;
  const empty = stillEmpty(inputs, width, everyColumn(width));
  return areTooFew(empty, width) ? null : closedUp(inputs.slice(), width, empty);
}

const everyColumn = (width: number): readonly number[] => Array.from(countUp(width));

const areTooFew = (empty: readonly number[], width: number): boolean => empty.length < width * LEAST_EMPTY;

/** Stops as soon as too few can be left: in rows without gaps that is after the first. */
function stillEmpty(values: Data, width: number, before: readonly number[]): readonly number[] {
  let empty = before;
  for (let row = 0; row < values.length; row += width) {
    if (!holdsAny(values, row, empty)) continue;
    empty = empty.filter((column) => values[row + column] === 0);
    if (areTooFew(empty, width)) return empty;
  }
  return empty;
}

/** Leaves the empty columns out of rows that are ours to change. */
function closedUp(values: Data, width: number, empty: readonly number[]): UsedColumns | null {
  const gaps = new Set(empty);
  const columns = countUp(width).filter((column) => !gaps.has(column));
  if (columns.length === 0) return null;
  return { columns, values: values.subarray(0, closeUp(values, width, runsOf(columns))) };
}

function holdsAny(values: Data, row: number, columns: readonly number[]): boolean {
  for (let at = 0; at < columns.length; at++) if (values[row + (columns[at] as number)] !== 0) return true;
  return false;
}

interface Run {
  readonly from: number;
  readonly length: number;
}

/** Ascending numbers as runs of numbers that follow each other. */
function runsOf(columns: Int32Array): Run[] {
  const runs: Run[] = [];
  let from = 0;
  columns.forEach((column, at) => {
    if (columns[at + 1] === column + 1) return;
    runs.push({ from: columns[from] as number, length: at + 1 - from });
    from = at + 1;
  });
  return runs;
}

/** Moves what is in the runs to the front, row after row; says how many values that are. */
function closeUp(values: Data, width: number, runs: readonly Run[]): number {
  let to = 0;
  for (let row = 0; row < values.length; row += width) {
    for (const { from, length } of runs) {
      values.copyWithin(to, row + from, row + from + length);
      to += length;
    }
  }
  return to;
}
