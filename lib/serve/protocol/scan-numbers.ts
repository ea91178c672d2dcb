import { type Scan, skipSpace } from './scan.ts';

const [COMMA, CLOSE, MINUS, POINT, ZERO, NINE] = [0x2c, 0x5d, 0x2d, 0x2e, 0x30, 0x39] as const;

/** A whole number of so many digits, and a power of ten up to that one, are doubles exactly: their quotient is rounded once. */
const DIGITS = 15;
const POWERS = Float64Array.from({ length: DIGITS + 1 }, (_, power) => 10 ** power);

/**
 * Reads exactly so many numbers with commas between them, and the bracket behind the last; as bytes where all are whole and from 0
 * to 255, as pixels are. Undefined for anything else, also for a number with an exponent or more digits, however right it is.
 */
export function scanNumbers(scan: Scan, count: number): Uint8Array | Float32Array | undefined {
  // Each takes two bytes at least: nobody is given memory for numbers that did not come.
  if (2 * count > scan.bytes.length - scan.at) return undefined;
  const whole = new Uint8Array(count);
  const found = scanBytes(scan, whole);
  if (found === count) return whole;
  const values = new Float32Array(count);
  values.set(whole.subarray(0, found));
  return scanDecimals(scan, values, found) ? values : undefined;
}

/**
 * Fills in bytes as long as they come, and tells how many did; the scan is before the next number then. They are zero before: most of
 * what is drawn is, and a zero without blanks is gone past by looking at two bytes.
 */
function scanBytes(scan: Scan, values: Uint8Array): number {
  const { bytes } = scan;
  const last = values.length - 1;
  let { at } = scan;
  let index = 0;
  for (;;) {
    while (index < last && bytes[at] === ZERO && bytes[at + 1] === COMMA) {
      at += 2;
      index += 1;
    }
    scan.at = at;
    skipSpace(scan);
    at = scan.at + 1;
    let value = (bytes[scan.at] as number) - ZERO;
    if (!(value >= 0 && value <= 9)) return index;
    let byte = bytes[at] as number;
    // A number that begins with a zero has no digit behind it.
    while (value > 0 && value <= 255 && byte >= ZERO && byte <= NINE) {
      value = value * 10 + byte - ZERO;
      at += 1;
      byte = bytes[at] as number;
    }
    if (value > 255 || byte !== (index === last ? CLOSE : COMMA)) return index;
    values[index] = value;
    index += 1;
    at += 1;
    if (index > last) {
      scan.at = at;
      return index;
    }
  }
}

/** Fills in numbers from an index on; false where one is none, or is not one of those that are read here. */
function scanDecimals(scan: Scan, values: Float32Array, from: number): boolean {
  const { bytes } = scan;
  const last = values.length - 1;
  for (let index = from; index <= last; index++) {
    skipSpace(scan);
    const isNegative = bytes[scan.at] === MINUS;
    const begin = isNegative ? scan.at + 1 : scan.at;
    let at = begin;
    let point = -1;
    let value = 0;
    let byte = bytes[at] as number;
    for (;;) {
      if (byte >= ZERO && byte <= NINE) value = value * 10 + byte - ZERO;
      else if (byte === POINT && point < 0) point = at;
      else break;
      at += 1;
      byte = bytes[at] as number;
    }
    const decimals = point < 0 ? 0 : at - point - 1;
    const whole = (point < 0 ? at : point) - begin;
    const isNumber = whole > 0 && (point < 0 || decimals > 0) && (whole === 1 || bytes[begin] !== ZERO);
    if (!isNumber || whole + decimals > DIGITS) return false;
    const size = value / (POWERS[decimals] as number);
    values[index] = isNegative ? -size : size;
    scan.at = at;
    skipSpace(scan);
    if (bytes[scan.at] !== (index === last ? CLOSE : COMMA)) return false;
    scan.at += 1;
  }
  return true;
}

/** A whole number, as a size is written; undefined for one that is written otherwise. */
export function scanSize(scan: Scan): number | undefined {
  skipSpace(scan);
  const { bytes, at: begin } = scan;
  let size = 0;
  for (;;) {
    const byte = bytes[scan.at] as number;
    if (!(byte >= ZERO && byte <= NINE)) break;
    size = size * 10 + byte - ZERO;
    scan.at += 1;
  }
  const length = scan.at - begin;
  const isSize = length > 0 && length <= DIGITS && (length === 1 || bytes[begin] !== ZERO);
  return isSize ? size : undefined;
}
