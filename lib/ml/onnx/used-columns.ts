import { emptyLike } from '../../data/columns.ts';
import { rowChunks } from '../../data/read-rows.ts';
import { countUp } from '../../util/count-up.ts';
import { rowWidth } from '../batches.ts';
import type { Rows } from '../engine.ts';

/** Rows looked at at once: no second copy of all of them is ever held. */
const AT_ONCE = 1024;

/** A copy of the used columns may take so many bytes; beyond that the mapped file, which all processes share, is better. */
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
    const key = JSON.stringify([file, count]);
    const { width } = file;
    if (inFile?.key !== key) {
      inFile = undefined;
      inFile = { key, found: find(() => rowChunks(file, { rows: count, width, atOnce: AT_ONCE }), { count, width }) };
    }
    return inFile.found ?? undefined;
  }
  const { inputs } = rows;
  const known = inMemory.get(inputs);
  if (known !== undefined) return known ?? undefined;
  const width = rowWidth(rows);
  const found = find(() => slices(inputs, AT_ONCE * width), { count, width });
  inMemory.set(inputs, found);
  return found ?? undefined;
}

/** Copies, one after the other: whoever takes one may change it. */
function* slices(values: Data, atOnce: number): Generator<Data> {
  for (let from = 0; from < values.length; from += atOnce) yield values.slice(from, from + atOnce);
}

interface Size {
  readonly count: number;
  readonly width: number;
}

function find(chunks: () => Iterable<Data>, { count, width }: Size): UsedColumns | null {
  const empty = new Set(emptyColumns(chunks(), width));
  const columns = countUp(width).filter((column) => !empty.has(column));
  if (columns.length === 0 || empty.size < width * LEAST_EMPTY) return null;
  const runs = runsOf(columns);
  let values: Data | undefined;
  let to = 0;
  for (const chunk of chunks()) {
    if (count * columns.length * chunk.BYTES_PER_ELEMENT > MOST_BYTES) return null;
    values ??= emptyLike(chunk, count * columns.length);
    const kept = chunk.subarray(0, closeUp(chunk, width, runs));
    values.set(kept, to);
    to += kept.length;
  }
  return values === undefined ? null : { columns, values };
}

/** Stops reading as soon as too few can be left: in rows without gaps that is after the first. */
function emptyColumns(chunks: Iterable<Data>, width: number): readonly number[] {
  let empty = Array.from(countUp(width));
  for (const chunk of chunks) {
    for (let row = 0; row < chunk.length; row += width) {
      if (!holdsAny(chunk, row, empty)) continue;
      empty = empty.filter((column) => chunk[row + column] === 0);
      if (empty.length < width * LEAST_EMPTY) return empty;
    }
  }
  return empty;
}

function holdsAny(chunk: Data, row: number, columns: readonly number[]): boolean {
  for (let at = 0; at < columns.length; at++) if (chunk[row + (columns[at] as number)] !== 0) return true;
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
function closeUp(chunk: Data, width: number, runs: readonly Run[]): number {
  let to = 0;
  for (let row = 0; row < chunk.length; row += width) {
    for (const { from, length } of runs) {
      chunk.copyWithin(to, row + from, row + from + length);
      to += length;
    }
  }
  return to;
}
