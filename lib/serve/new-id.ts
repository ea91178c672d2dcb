import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** Random bytes of so many ids are drawn at once: drawing them one by one costs more than the rest of an id. */
const DRAWN = 256;

const BYTES = 16;

const pool = new Uint8Array(DRAWN * BYTES);
const parts = Array.from({ length: DRAWN }, (_, at) => pool.subarray(at * BYTES, (at + 1) * BYTES));
let next = DRAWN;

/** An id nobody has had: it begins with the time, so that a database adds rows at its end (RFC 9562, version 7). */
export function newId(): string {
  if (next === DRAWN) {
    randomFillSync(pool);
    next = 0;
  }
  const random = parts[next] as Uint8Array;
  next += 1;
  return v7({ random });
}
