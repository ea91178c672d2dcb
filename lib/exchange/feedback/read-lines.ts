import { isUtf8 } from 'node:buffer';
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
const CHUNK_BYTES = 1 << 16;

/** Bytes of a line that are shown. */
const SHOWN_BYTES = 200;

const NEWLINE = 10;
const RETURN = 13;

const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);

/** The lines of a UTF-8 file, some at a time and without their ends; one that is too long or no UTF-8 as a `BadLine`. */
export async function* readLines(path: string): AsyncGenerator<Iterable<string | BadLine>> {
  const file = await open(path);
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest: Buffer = Buffer.alloc(0);
    let isSkipping = false;
    let isFirst = true;
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES);
      if (bytesRead === 0) break;
      let data = chunk.subarray(0, bytesRead);
      if (isFirst && data.indexOf(BYTE_ORDER_MARK) === 0) data = data.subarray(BYTE_ORDER_MARK.length);
      isFirst = false;
      if (isSkipping) {
        const end = data.indexOf(NEWLINE);
        if (end < 0) continue;
        isSkipping = false;
        data = data.subarray(end + 1);
      }
      const whole = rest.length === 0 ? data : Buffer.concat([rest, data]);
      const last = whole.lastIndexOf(NEWLINE);
      if (last >= 0) yield split(whole.subarray(0, last));
      rest = Buffer.from(whole.subarray(last + 1));
      if (rest.length <= MAX_LINE_BYTES) continue;
      yield [{ problem: `it has more than ${MAX_LINE_BYTES} bytes`, start: startOf(rest) }];
      rest = Buffer.alloc(0);
      isSkipping = true;
    }
    if (rest.length > 0) yield split(rest);
  } finally {
    await file.close();
  }
}

function* split(bytes: Buffer): Generator<string | BadLine> {
  const isText = isUtf8(bytes);
  for (let from = 0; from <= bytes.length; ) {
    const found = bytes.indexOf(NEWLINE, from);
    const end = found < 0 ? bytes.length : found;
    yield isText || isUtf8(bytes.subarray(from, end)) ? textOf(bytes, from, end) : badLine(bytes.subarray(from, end));
    from = end + 1;
  }
}

/** A text of its own: a part of a larger one would keep that in memory, and the heap would grow with it. */
function textOf(bytes: Buffer, from: number, to: number): string {
  const end = bytes[to - 1] === RETURN && to > from ? to - 1 : to;
  return bytes.toString('utf8', from, end);
}

const badLine = (bytes: Buffer): BadLine => ({ problem: 'it is not UTF-8', start: startOf(bytes) });

const startOf = (bytes: Buffer): string => bytes.subarray(0, SHOWN_BYTES).toString('utf8');
