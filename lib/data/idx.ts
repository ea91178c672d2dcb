import { type Failure, failure } from '../domain/failure.ts';
import type { Sha256 } from '../util/hash.ts';
import { err, ok, type Result } from '../util/result.ts';
import { readBytes } from './read-bytes.ts';

/** Images of one IDX file: `pixels` holds rows x height x width bytes. */
export interface IdxImages {
  readonly rows: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
  readonly sha256: Sha256;
}

export interface IdxLabels {
  readonly rows: number;
  readonly labels: Uint8Array;
  readonly sha256: Sha256;
}

/** The magic number tells element type (08: unsigned byte) and number of dimensions. */
const IMAGES_MAGIC = 0x00000803;
const LABELS_MAGIC = 0x00000801;

interface Idx {
  readonly dimensions: readonly number[];
  readonly data: Uint8Array;
  readonly sha256: Sha256;
}

function readIdx(file: string, expected: { magic: number; holds: string; unit: string }): Result<Idx, Failure> {
  const read = readBytes(file);
  if (!read.ok) return read;
  const { bytes, sha256 } = read.value;
  const rank = expected.magic & 0xff;
  const headerBytes = 4 + 4 * rank;
  const cutOff = (header: string, wanted: number) =>
    err(failure('DATA_IDX_LENGTH', { file, header, expected: wanted, seen: bytes.length }));
  if (bytes.length < 4) return cutOff('the header alone', headerBytes);
  const magic = bytes.readUInt32BE(0);
  if (magic !== expected.magic) {
    return err(failure('DATA_IDX_MAGIC', { file, seen: magic, expected: expected.magic, holds: expected.holds }));
  }
  if (bytes.length < headerBytes) return cutOff('the header alone', headerBytes);
  const dimensions = Array.from({ length: rank }, (_, at) => bytes.readUInt32BE(4 + 4 * at));
  const wanted = headerBytes + dimensions.reduce((product, length) => product * length, 1);
  if (bytes.length !== wanted) return cutOff(`${dimensions.join(' x ')} ${expected.unit} and a header`, wanted);
  return ok({
    dimensions,
    data: new Uint8Array(bytes.buffer, bytes.byteOffset + headerBytes, wanted - headerBytes),
    sha256,
  });
}

/** Reads an IDX3 file of unsigned bytes (the format of MNIST's images), gzipped or not. */
export function readIdxImages(file: string): Result<IdxImages, Failure> {
  const idx = readIdx(file, { magic: IMAGES_MAGIC, holds: 'images', unit: 'pixels' });
  if (!idx.ok) return idx;
  const [rows = 0, height = 0, width = 0] = idx.value.dimensions;
  return ok({ rows, height, width, pixels: idx.value.data, sha256: idx.value.sha256 });
}

/** Reads an IDX1 file of unsigned bytes (the format of MNIST's labels), gzipped or not; every label is one of 0..classes - 1. */
export function readIdxLabels(file: string, classes: number): Result<IdxLabels, Failure> {
  const idx = readIdx(file, { magic: LABELS_MAGIC, holds: 'labels', unit: 'labels' });
  if (!idx.ok) return idx;
  const labels = idx.value.data;
  const row = labels.findIndex((label) => label >= classes);
  if (row >= 0) return err(failure('DATA_LABEL_RANGE', { file, row, seen: labels[row] as number, classes }));
  return ok({ rows: labels.length, labels, sha256: idx.value.sha256 });
}
