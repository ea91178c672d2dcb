import { columnTypeOf, ITEM_BYTES } from '../../data/npy.ts';
import { rowWidth } from '../batches.ts';
import type { Rows, RowsFile } from '../engine.ts';
import { RAW_INPUT, type RawSource } from './raw-rows.ts';
import { nameInFolder, type Values } from './runtime.ts';

/** Rows as a program reads them: mapped from their file where there is one, else given with every call. */
export interface RowSource {
  readonly source: RawSource;
  readonly file: string | undefined;
  /** What a call has to be given. */
  readonly inputs: ReadonlyMap<string, Values>;
}

export function rowSource(rows: Rows): RowSource {
  return rows.file === undefined ? fromMemory(rows) : fromFile(rows.file, rows.labels.length);
}

function fromMemory(rows: Rows): RowSource {
  const { inputs: data, labels } = rows;
  return {
    source: { type: columnTypeOf(data), file: undefined },
    file: undefined,
    inputs: new Map([[RAW_INPUT, { data, shape: [labels.length, rowWidth(rows)] }]]),
  };
}

function fromFile({ path, offset, type, width }: RowsFile, rows: number): RowSource {
  const region = { name: nameInFolder(path), offset, bytes: rows * width * ITEM_BYTES[type] };
  return { source: { type, file: { region, rows } }, file: path, inputs: new Map() };
}
