import { err, ok, type Result } from '../../util/result.ts';
import { badRequest, type Fault } from '../fault.ts';

/** What a tensor's values have to be. */
export interface ValueRule {
  readonly datatype: 'FP32' | 'UINT8';
  /** The whole tensor's shape. */
  readonly shape: readonly number[];
  /** How many values that makes. */
  readonly size: number;
  /** Whole numbers below this are asked for; undefined where any number will do. */
  readonly below: number | undefined;
  /** What the tensor is called in messages. */
  readonly what: string;
}

/** The largest number a 32-bit float holds. */
const LARGEST = 3.4028234663852886e38;

const BYTES: Readonly<Record<ValueRule['datatype'], number>> = { FP32: 4, UINT8: 1 };

/**
 * Values as JSON gives them, flat or nested by the shape, as a typed array. Every one is looked at: nothing but numbers that
 * a model can be asked about gets through.
 */
export function readValues(data: unknown, rule: ValueRule): Result<Uint8Array | Float32Array, Fault> {
  if (!Array.isArray(data)) return err(badRequest(`${rule.what}: data has to be an array of numbers.`));
  const values = rule.datatype === 'UINT8' ? new Uint8Array(rule.size) : new Float32Array(rule.size);
  const problem = Array.isArray(data[0])
    ? fillNested(data, { rule, values, from: 0, depth: 0 })
    : fillFlat(data, { rule, values, from: 0, count: rule.size });
  return problem === undefined ? ok(values) : err(badRequest(`${rule.what}: ${problem}`));
}

interface Filling {
  readonly rule: ValueRule;
  readonly values: Uint8Array | Float32Array;
  /** Where in the values this part begins. */
  readonly from: number;
}

function fillFlat(data: readonly unknown[], filling: Filling & { readonly count: number }): string | undefined {
  const { rule, values, from, count } = filling;
  if (data.length !== count) return `${count} values are needed where ${data.length} were given.`;
  const [lowest, highest] = rule.datatype === 'UINT8' ? [0, 255] : [-LARGEST, LARGEST];
  for (let at = 0; at < count; at++) {
    const value = data[at];
    // A number beyond what the type holds would become infinite on the way.
    if (typeof value !== 'number' || !(value >= lowest && value <= highest)) return wrongValue(value, from + at, rule);
    values[from + at] = value;
  }
  if (rule.datatype === 'UINT8' || rule.below !== undefined) {
    const below = rule.below ?? Number.POSITIVE_INFINITY;
    for (let at = 0; at < count; at++) {
      const value = data[at] as number;
      if (!Number.isInteger(value) || value < 0 || value >= below) return wrongValue(value, from + at, rule);
    }
  }
  return undefined;
}

/** Goes down exactly as far as the shape says, however deep the data are. */
function fillNested(data: readonly unknown[], filling: Filling & { readonly depth: number }): string | undefined {
  const { rule, values, from, depth } = filling;
  const length = rule.shape[depth] ?? 0;
  if (data.length !== length) {
    return `its data are ${data.length} long at depth ${depth + 1}, where the shape says ${length}.`;
  }
  const isInnermost = depth === rule.shape.length - 1;
  if (isInnermost) return fillFlat(data, { rule, values, from, count: length });
  const step = rule.shape.slice(depth + 1).reduce((product, size) => product * size, 1);
  for (const [at, inner] of data.entries()) {
    if (!Array.isArray(inner)) return `its data are not nested as its shape ${rule.shape.join(' x ')} says.`;
    const problem = fillNested(inner, { rule, values, from: from + at * step, depth: depth + 1 });
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function wrongValue(value: unknown, at: number, { datatype, below }: ValueRule): string {
  const shown = typeof value === 'number' ? String(value) : value === null ? 'null' : `a ${typeof value}`;
  const wanted =
    below !== undefined
      ? `a whole number from 0 to ${below - 1}`
      : datatype === 'UINT8'
        ? 'a whole number from 0 to 255'
        : 'a finite 32-bit number';
  return `value ${at} is ${Array.isArray(value) ? 'an array' : shown}, and has to be ${wanted}.`;
}

/** Values as the binary tensor extension gives them: little-endian, row-major, without gaps. */
export function readBytes(bytes: Uint8Array, rule: ValueRule): Result<Uint8Array | Float32Array, Fault> {
  const expected = rule.size * BYTES[rule.datatype];
  if (bytes.length !== expected) {
    return err(badRequest(`${rule.what}: ${expected} bytes are needed where ${bytes.length} were given.`));
  }
  // A copy: the request's bytes are the network's, and may begin anywhere.
  const own = bytes.slice();
  const values = rule.datatype === 'UINT8' ? own : new Float32Array(own.buffer, own.byteOffset, rule.size);
  const limit = rule.below ?? Number.POSITIVE_INFINITY;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    const isFine =
      rule.below === undefined ? Number.isFinite(value) : Number.isInteger(value) && value >= 0 && value < limit;
    if (!isFine) return err(badRequest(`${rule.what}: ${wrongValue(value, at, rule)}`));
  }
  return ok(values);
}
