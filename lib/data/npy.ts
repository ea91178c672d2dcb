import { closeSync, fstatSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import type { ColumnType } from '../domain/dataset.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { err, ok, type Result } from '../util/result.ts';

/** The values of one column, all rows after each other. */
export type ColumnData = Uint8Array | Int32Array | Float32Array;

export interface NpyArray {
  readonly dtype: ColumnType;
  /** All dimensions, rows first. */
  readonly shape: readonly number[];
  readonly data: ColumnData;
}

const DESCR: Readonly<Record<ColumnType, string>> = { uint8: '|u1', int32: '<i4', float32: '<f4' };
/** Bytes of one value. */
export const ITEM_BYTES: Readonly<Record<ColumnType, number>> = { uint8: 1, int32: 4, float32: 4 };
const MAGIC = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
/** Magic, version, and the two bytes that hold the length of the header's text. */
const PREFIX_BYTES = 10;
const ALIGNMENT = 64;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

export function columnTypeOf(data: ColumnData): ColumnType {
  if (data instanceof Uint8Array) return 'uint8';
  return data instanceof Int32Array ? 'int32' : 'float32';
}

function headerOf(dtype: ColumnType, shape: readonly number[]): Buffer {
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${DESCR[dtype]}', 'fortran_order': False, 'shape': (${dimensions}), }`;
  const total = Math.ceil((PREFIX_BYTES + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = Buffer.alloc(total, ' ');
  MAGIC.copy(header);
  header.writeUInt16LE(total - PREFIX_BYTES, 8);
  header.write(text, PREFIX_BYTES, 'latin1');
  header.write('\n', total - 1, 'latin1');
  return header;
}

/**
 * Writes NumPy's .npy format 1.0 (NEP 1): little-endian, C order, the data aligned to 64 bytes. Throws what the
 * file system throws.
 */
export function writeNpy(file: string, data: ColumnData, shape: readonly number[]): void {
  if (sizeOf(shape) !== data.length)
    throw new Error(`${data.length} values do not fill the shape [${shape.join(', ')}]`);
  const handle = openSync(file, 'w');
  try {
    writeWhole(handle, headerOf(columnTypeOf(data), shape));
    writeWhole(handle, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  } finally {
    closeSync(handle);
  }
}

/** One write may take only a part of a large array. */
function writeWhole(handle: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done, bytes.length - done);
}

/** What an .npy file holds, and where its values begin. */
export interface NpyHeader {
  readonly dtype: ColumnType;
  readonly shape: readonly number[];
  /** In bytes from the start of the file. */
  readonly offset: number;
}

/** Reads the header alone; fails on any other version, type or order than is written here, and on a wrong length. */
export function readNpyHeader(file: string): Result<NpyHeader, Failure> {
  const bad = (problem: string) => err(failure('DATA_BAD_NPY', { file, problem }));
  let bytes: Buffer;
  let size: number;
  try {
    ({ bytes, size } = readStart(file));
  } catch (error) {
    return err(failure('DATA_UNREADABLE', { file, problem: error instanceof Error ? error.message : String(error) }));
  }
  if (bytes.length < PREFIX_BYTES || !bytes.subarray(0, 6).equals(MAGIC.subarray(0, 6))) {
    return bad('it does not begin with \\x93NUMPY');
  }
  if (bytes[6] !== 1 || bytes[7] !== 0) return bad(`it has version ${bytes[6]}.${bytes[7]}`);
  const offset = PREFIX_BYTES + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', PREFIX_BYTES, offset).trimEnd();
  const parsed = parseHeader(header);
  if (parsed === undefined) return bad(`its header is ${header}`);
  const expected = sizeOf(parsed.shape) * ITEM_BYTES[parsed.dtype];
  const seen = size - offset;
  if (seen !== expected) return bad(`its header announces ${expected} bytes of data, the file holds ${seen}`);
  return ok({ ...parsed, offset });
}

/** As much of a file as a header may take. */
function readStart(file: string): { readonly bytes: Buffer; readonly size: number } {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const bytes = Buffer.alloc(Math.min(size, PREFIX_BYTES + 0xffff));
    let done = 0;
    while (done < bytes.length) {
      const read = readSync(handle, bytes, done, bytes.length - done, done);
      if (read === 0) break;
      done += read;
    }
    return { bytes: bytes.subarray(0, done), size };
  } finally {
    closeSync(handle);
  }
}

/** Opens an .npy file as a typed array; fails where its header or its length is wrong. */
export function readNpy(file: string): Result<NpyArray, Failure> {
  const header = readNpyHeader(file);
  if (!header.ok) return header;
  const { dtype, shape, offset } = header.value;
  return ok({ dtype, shape, data: viewOf(readFileSync(file), offset, dtype) });
}

function parseHeader(header: string): { dtype: ColumnType; shape: readonly number[] } | undefined {
  const match = /^\{'descr': '([^']+)', 'fortran_order': False, 'shape': \(([\d, ]*)\),? ?\}$/.exec(header);
  const dtype = (Object.keys(DESCR) as ColumnType[]).find((name) => DESCR[name] === match?.[1]);
  if (match === null || dtype === undefined) return undefined;
  const shape = (match[2] ?? '').split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)]));
  return { dtype, shape };
}

function viewOf(bytes: Buffer, start: number, dtype: ColumnType): ColumnData {
  const offset = bytes.byteOffset + start;
  const length = (bytes.length - start) / ITEM_BYTES[dtype];
  if (dtype === 'uint8') return new Uint8Array(bytes.buffer, offset, length);
  const aligned =
    offset % 4 === 0 ? { buffer: bytes.buffer, offset } : { buffer: bytes.buffer.slice(offset), offset: 0 };
  return dtype === 'int32'
    ? new Int32Array(aligned.buffer, aligned.offset, length)
    : new Float32Array(aligned.buffer, aligned.offset, length);
}
