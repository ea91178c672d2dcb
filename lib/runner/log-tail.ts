import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** How much of a log's end is looked at, in bytes. */
const WINDOW = 64 * 1024;

/** The last lines of a file, without reading all of it; none when it is not there. */
export function logTail(file: string, count = 20): string[] {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    const { size } = fstatSync(handle);
    const buffer = Buffer.alloc(Math.min(size, WINDOW));
    readSync(handle, buffer, 0, buffer.length, size - buffer.length);
    const lines = buffer.toString('utf8').split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines.slice(-count);
  } finally {
    closeSync(handle);
  }
}
