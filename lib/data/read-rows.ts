import { closeSync, openSync, readSync } from 'node:fs';
import type { ColumnFile } from './columns.ts';
import type { ColumnData } from './npy.ts';

const ITEM_BYTES = { uint8: 1, int32: 4, float32: 4 } as const;

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
  if (type === 'uint8') return bytes;
  return type === 'int32' ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer);
}

/** One read may give only a part of what was asked for. */
function readWhole(handle: number, target: Uint8Array, position: number): void {
  for (let done = 0; done < target.length; ) {
    const read = readSync(handle, target, done, target.length - done, position + done);
    if (read === 0) throw new Error(`the file ends ${target.length - done} bytes too soon`);
    done += read;
  }
}
