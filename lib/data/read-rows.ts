import { closeSync, openSync, readSync } from 'node:fs';
import type { ColumnFile } from './columns.ts';
import { type ColumnData, ITEM_BYTES } from './npy.ts';

/**
 * Values of some rows of a column, in the order given, straight from its file: what is not asked for is not read. Rows
 * that follow each other are read at once. Throws what the file system throws.
 */
export function readRows({ path, offset, type }: ColumnFile, rows: Int32Array, width: number): ColumnData {
  const rowBytes = width * ITEM_BYTES[type];
  const bytes = new Uint8Array(rows.length * rowBytes);
  const handle = openSync(path, 'r');
  try {
    for (let from = 0, to = 0; from < rows.length; from = to) {
      to = from + 1;
      while (to < rows.length && rows[to] === (rows[to - 1] as number) + 1) to += 1;
      const part = bytes.subarray(from * rowBytes, to * rowBytes);
      readWhole(handle, part, offset + (rows[from] as number) * rowBytes);
    }
  } finally {
    closeSync(handle);
  }
  return asType(bytes, type);
}

/** Bytes from the start of their memory as what they mean. */
function asType(bytes: Uint8Array, type: ColumnFile['type']): ColumnData {
  if (type === 'uint8') return bytes;
  const count = bytes.length / ITEM_BYTES[type];
  return type === 'int32' ? new Int32Array(bytes.buffer, 0, count) : new Float32Array(bytes.buffer, 0, count);
}

/**
 * Values of the first `rows` rows of a column, so many at a time, one after the other. Every chunk is read into the same
 * memory: whoever wants to keep one copies it. Throws what the file system throws.
 */
export function* rowChunks(
  { path, offset, type }: ColumnFile,
  { rows, width, atOnce }: { readonly rows: number; readonly width: number; readonly atOnce: number },
): Generator<ColumnData> {
  const rowBytes = width * ITEM_BYTES[type];
  const bytes = new Uint8Array(Math.min(rows, atOnce) * rowBytes);
  const handle = openSync(path, 'r');
  try {
    for (let from = 0; from < rows; from += atOnce) {
      const part = bytes.subarray(0, Math.min(atOnce, rows - from) * rowBytes);
      readWhole(handle, part, offset + from * rowBytes);
      yield asType(part, type);
    }
  } finally {
    closeSync(handle);
  }
}

/** One read may give only a part of what was asked for. */
function readWhole(handle: number, target: Uint8Array, position: number): void {
  for (let done = 0; done < target.length; ) {
    const read = readSync(handle, target, done, target.length - done, position + done);
    if (read === 0) throw new Error(`the file ends ${target.length - done} bytes too soon`);
    done += read;
  }
}
