import type { Dataset } from './dataset.ts';
import { sizeOf } from './npy.ts';

/** Finds rows by what they hold. */
export interface RowIndex {
  /** The first indexed row whose features hold the very same bytes; undefined when there is none. */
  find(dataset: Dataset, row: number): number | undefined;
}

interface Words {
  /** Words of four bytes where rows are made of such, else bytes. */
  readonly words: Uint32Array | Uint8Array;
  readonly perRow: number;
}

/** Indexes the rows of a dataset by their features. Rows of other features than these are never found. */
export function indexRows(dataset: Dataset): RowIndex {
  const own = wordsOf(dataset);
  const rowsWith = new Map<number, number | number[]>();
  for (let row = 0; row < dataset.rows; row++) {
    const key = hashRow(own, row);
    const there = rowsWith.get(key);
    if (there === undefined) rowsWith.set(key, row);
    else if (Array.isArray(there)) there.push(row);
    else rowsWith.set(key, [there, row]);
  }
  let [last, views] = [dataset, own];
  return {
    find: (other, row) => {
      if (other !== last) [last, views] = [other, wordsOf(other)];
      const there = rowsWith.get(hashRow(views, row));
      if (there === undefined) return undefined;
      // A hash may be shared by chance; bytes decide.
      const candidates = Array.isArray(there) ? there : [there];
      return candidates.find((candidate) => isSame(own, candidate, views, row));
    },
  };
}

const wordsOf = (dataset: Dataset): readonly Words[] =>
  dataset.features.map((name) => {
    const data = dataset.feature(name);
    const bytesPerRow = sizeOf(dataset.featureShape(name)) * data.BYTES_PER_ELEMENT;
    // Words have to lie where words may.
    const { buffer, byteOffset, byteLength } = data.byteOffset % 4 === 0 ? data : data.slice();
    return bytesPerRow % 4 === 0
      ? { words: new Uint32Array(buffer, byteOffset, byteLength / 4), perRow: bytesPerRow / 4 }
      : { words: new Uint8Array(buffer, byteOffset, byteLength), perRow: bytesPerRow };
  });

/** Two hashes of 32 bits over a row's words, made like FNV-1a and MurmurHash2, as one number of 53. */
function hashRow(views: readonly Words[], row: number): number {
  let [first, second] = [0x811c9dc5, 0x9747b28c];
  for (const { words, perRow } of views) {
    const end = (row + 1) * perRow;
    for (let at = row * perRow; at < end; at++) {
      const word = words[at] as number;
      first = Math.imul(first ^ word, 0x01000193) ^ (first >>> 13);
      second = Math.imul(second ^ word, 0x5bd1e995) ^ (second >>> 15);
    }
  }
  return (first >>> 0) * 2 ** 21 + (second >>> 11);
}

function isSame(own: readonly Words[], row: number, other: readonly Words[], otherRow: number): boolean {
  return (
    own.length === other.length &&
    own.every(({ words, perRow }, at) => {
      const there = other[at] as Words;
      if (there.perRow !== perRow || there.words.BYTES_PER_ELEMENT !== words.BYTES_PER_ELEMENT) return false;
      const [from, otherFrom] = [row * perRow, otherRow * perRow];
      for (let offset = 0; offset < perRow; offset++) {
        if (words[from + offset] !== there.words[otherFrom + offset]) return false;
      }
      return true;
    })
  );
}
