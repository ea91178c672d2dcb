import { open } from 'node:fs/promises';

/** A line that cannot be read as text. */
export interface BadLine {
  readonly problem: string;
  /** How it begins, for people. */
  readonly start: string;
}

/** Bytes of the longest line that is read; of a longer one no more than that is ever in memory. */
export const MAX_LINE_BYTES = 1 << 20;

/** Bytes read at once. */
const CHUNK_BYTES = 1 << 18;

/** Bytes of a line that are shown. */
const SHOWN_BYTES = 200;

const NEWLINE = 10;

/** The lines of a UTF-8 file, some at a time and without their ends; one that is too long or no UTF-8 as a `BadLine`. */
export async function* readLines(path: string): AsyncGenerator<readonly (string | BadLine)[]> {
  const file = await open(path);
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest: Buffer = Buffer.alloc(0);
    let isSkipping = false;
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES);
      if (bytesRead === 0) break;
      let data = chunk.subarray(0, bytesRead);
      if (isSkipping) {
        const end = data.indexOf(NEWLINE);
        if (end < 0) continue;
        isSkipping = false;
        data = data.subarray(end + 1);
      }
      const whole = rest.length === 0 ? data : Buffer.concat([rest, data]);
      const last = whole.lastIndexOf(NEWLINE);
      if (last >= 0) yield decode(whole.subarray(0, last));
      rest = Buffer.from(whole.subarray(last + 1));
      if (rest.length <= MAX_LINE_BYTES) continue;
      yield [{ problem: `it has more than ${MAX_LINE_BYTES} bytes`, start: startOf(rest) }];
      rest = Buffer.alloc(0);
      isSkipping = true;
    }
    if (rest.length > 0) yield decode(rest);
  } finally {
    await file.close();
  }
}

const strict = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Buffer): readonly (string | BadLine)[] {
  try {
    return strict.decode(bytes).split('\n').map(withoutReturn);
  } catch {
    return splitBytes(bytes).map(decodeLine);
  }
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

function splitBytes(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from <= bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, from);
    lines.push(bytes.subarray(from, end < 0 ? bytes.length : end));
    if (end < 0) break;
    from = end + 1;
  }
  return lines;
}

function decodeLine(bytes: Buffer): string | BadLine {
  try {
    return withoutReturn(strict.decode(bytes));
  } catch {
    return { problem: 'it is not UTF-8', start: startOf(bytes) };
  }
}

const startOf = (bytes: Buffer): string => bytes.subarray(0, SHOWN_BYTES).toString('utf8');
