import type { ColumnMeta, ColumnType } from '../domain/dataset.ts';
import { orRaise } from '../domain/raised.ts';
import { countUp } from '../util/count-up.ts';
import { err, ok, type Result } from '../util/result.ts';
import { FIXED_COLUMNS } from './dataset-meta.ts';
import { type ColumnData, columnTypeOf, type NpyHeader, readNpy, sizeOf } from './npy.ts';

/** One column, with the shape of one row. */
export interface Column {
  readonly data: ColumnData;
  readonly shape: readonly number[];
  /** The file its values are in, one row after the other; undefined for a column that is in memory alone. */
  readonly file?: ColumnFile | undefined;
}

export interface ColumnFile {
  readonly path: string;
  /** Where the values begin, in bytes. */
  readonly offset: number;
  readonly type: ColumnType;
}

/** A column whose values are read when they are first asked for. */
export function columnOfFile(path: string, { dtype, shape, offset }: NpyHeader): Column {
  let data: ColumnData | undefined;
  return {
    get data() {
      data ??= orRaise(readNpy(path)).data;
      return data;
    },
    shape: shape.slice(1),
    file: { path, offset, type: dtype },
  };
}

/** A column as a caller may give it: an array alone is one number a row, or a flat vector when it is longer. */
export type ColumnInput = ColumnData | Column;

/** The columns of a dataset by name: `label` is needed, id, origin and split may be left out, all others are features. */
export interface ColumnInputs {
  readonly label: ColumnInput;
  readonly [name: string]: ColumnInput;
}

const isColumn = (input: ColumnInput): input is Column => 'shape' in input;

function toColumn(input: ColumnInput, rows: number): Column {
  if (isColumn(input)) return input;
  const width = rows === 0 ? 1 : input.length / rows;
  return { data: input, shape: Number.isInteger(width) && width > 1 ? [width] : [] };
}

/** Labels may come as any integers; they are kept as int32. */
const toInt32 = (data: ColumnData): ColumnData => (data instanceof Int32Array ? data : Int32Array.from(data));

/** Fills what was left out (id counts from 0, origin is the id, split is 0) and checks that all fits together. */
export function completeColumns(inputs: ColumnInputs): Result<Readonly<Record<string, Column>>, string> {
  const labels = isColumn(inputs.label) ? inputs.label.data : inputs.label;
  const rows = labels.length;
  const broken = labels.findIndex((label) => (label | 0) !== label);
  if (broken >= 0) return err(`row ${broken} has label ${labels[broken]}; a label is the number of a class`);
  const ids: ColumnInput = inputs['id'] ?? countUp(rows);
  const filled: Record<string, ColumnInput> = {
    ...inputs,
    label: toInt32(labels),
    id: ids,
    origin: inputs['origin'] ?? ids,
    split: inputs['split'] ?? new Uint8Array(rows),
  };
  const columns: Record<string, Column> = {};
  for (const [name, input] of Object.entries(filled)) {
    const column = toColumn(input, rows);
    const problem = nameProblem(name) ?? sizeProblem(name, column, rows) ?? typeProblem(name, column);
    if (problem !== undefined) return err(problem);
    columns[name] = column;
  }
  const problem = valueProblem(columns);
  return problem === undefined ? ok(columns) : err(problem);
}

const nameProblem = (name: string): string | undefined =>
  /^[A-Za-z][\w-]*$/.test(name) ? undefined : `the column name '${name}' is not made of letters, digits, _ and -`;

function sizeProblem(name: string, { data, shape }: Column, rows: number): string | undefined {
  const expected = rows * sizeOf(shape);
  if (data.length === expected) return undefined;
  return `column '${name}' holds ${data.length} values, but ${rows} rows of shape [${shape.join(', ')}] are ${expected}`;
}

function typeProblem(name: string, column: Column): string | undefined {
  const fixed = Object.entries(FIXED_COLUMNS).find(([known]) => known === name)?.[1];
  if (fixed === undefined || (columnTypeOf(column.data) === fixed && column.shape.length === 0)) return undefined;
  return `column '${name}' has to be one ${fixed} a row`;
}

/** The first label that is no class, as a sentence; undefined when all are. */
export function labelProblem(labels: Int32Array, classes: number): string | undefined {
  const row = labels.findIndex((label) => label < 0 || label >= classes);
  return row < 0 ? undefined : `row ${row} has label ${labels[row]}, but the classes run from 0 to ${classes - 1}`;
}

/** What an id or a split holds that it must not; undefined when all is well. */
export function valueProblem(columns: Readonly<Record<string, Column>>): string | undefined {
  const splits = columns['split']?.data ?? new Uint8Array();
  const odd = splits.findIndex((split) => split > 1);
  if (odd >= 0) return `row ${odd} has split ${splits[odd]}; 0 is train and 1 is test`;
  const sorted = (columns['id']?.data ?? new Int32Array()).slice().sort();
  const twice = sorted.findIndex((id, at) => at > 0 && id === sorted[at - 1]);
  return twice >= 0 ? `the id ${sorted[twice]} is given to more than one row` : undefined;
}

export const columnMeta = (name: string, column: Column): ColumnMeta => ({
  file: `${name}.npy`,
  // Asking the values for their type would read them.
  dtype: column.file?.type ?? columnTypeOf(column.data),
  shape: column.shape,
});

/** The rows of one column picked by number, in the order given. */
export function pickRows({ data, shape }: Column, indices: Int32Array): Column {
  const width = sizeOf(shape);
  const picked = emptyLike(data, indices.length * width);
  for (let at = 0; at < indices.length; at++) {
    const from = (indices[at] ?? 0) * width;
    picked.set(data.subarray(from, from + width), at * width);
  }
  return { data: picked, shape };
}

/** Columns of the same type and shape, one after the other. */
export function joinColumns(parts: readonly Column[]): Column {
  const [first] = parts;
  if (first === undefined) throw new Error('nothing to join');
  const joined = emptyLike(
    first.data,
    parts.reduce((sum, part) => sum + part.data.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    if (columnTypeOf(part.data) !== columnTypeOf(first.data) || sizeOf(part.shape) !== sizeOf(first.shape)) {
      throw new Error('columns of different type or shape cannot be joined');
    }
    joined.set(part.data, at);
    at += part.data.length;
  }
  return { data: joined, shape: first.shape };
}

export function emptyLike(data: ColumnData, length: number): ColumnData {
  if (data instanceof Uint8Array) return new Uint8Array(length);
  return data instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
}
