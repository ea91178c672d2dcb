import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';

const header = (...words: number[]): Buffer => {
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, at) => {
    bytes.writeUInt32BE(word, at * 4);
  });
  return bytes;
};

/** IDX images of 2 x 2 pixels, each with its own values. */
export const idxImages = (rows: number, first = 1): Buffer =>
  Buffer.concat([
    header(2051, rows, 2, 2),
    Buffer.from(Array.from({ length: rows * 4 }, (_, at) => (first + at) % 251)),
  ]);

export const idxLabels = (labels: readonly number[]): Buffer =>
  Buffer.concat([header(2049, labels.length), Buffer.from(labels)]);

export function writeFile(file: string, bytes: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, file.endsWith('.gz') ? gzipSync(bytes) : bytes);
}
