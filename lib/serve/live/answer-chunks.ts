import type { PackedAnswers } from '../../domain/live.ts';
import { type AnsweredRequest, predictionId } from '../prediction-log.ts';
import { copyAsBytes } from './copy-as-bytes.ts';

/**
 * Answers of one version side by side, in memory that the thread that writes the log reads where it is: nothing is copied on
 * the way, and when they are on the disk the memory takes the next ones.
 */
export interface AnswerChunk {
  readonly line: string;
  readonly version: number;
  /** Bytes of an input; 0 where none is kept. */
  readonly width: number;
  readonly classes: number;
  readonly capacity: number;
  readonly ids: string[];
  readonly at: Float64Array;
  readonly inputs: Uint8Array;
  readonly predicted: Int32Array;
  readonly probabilities: Float32Array;
  /** Rows that were given up, from the first. */
  lost: number;
}

type Shape = Pick<AnswerChunk, 'line' | 'version' | 'width' | 'classes'>;

export const rowsIn = ({ ids, lost }: AnswerChunk): number => ids.length - lost;

/** Memory of a chunk, where an input is not larger than that. */
const CHUNK_BYTES = 128 * 1024;

/** What a row takes beside its input and its answers. */
const ROW_BYTES = Float64Array.BYTES_PER_ELEMENT + Int32Array.BYTES_PER_ELEMENT;

/** Most rows of a chunk: as many as one statement puts on record. */
const CHUNK_ROWS = 128;

/** How many rows fit into a chunk. */
export const capacityOf = ({ width, classes }: Pick<Shape, 'width' | 'classes'>, mostRows: number): number =>
  Math.max(1, Math.min(mostRows, CHUNK_ROWS, Math.floor(CHUNK_BYTES / (width + answerBytesOf(classes)))));

const answerBytesOf = (classes: number): number => ROW_BYTES + classes * Float32Array.BYTES_PER_ELEMENT;

export function makeChunk({ line, version, width, classes }: Shape, capacity: number): AnswerChunk {
  const answerBytes = answerBytesOf(classes);
  const memory = new SharedArrayBuffer(capacity * (width + answerBytes));
  const predictedFrom = capacity * Float64Array.BYTES_PER_ELEMENT;
  const probabilitiesFrom = capacity * ROW_BYTES;
  return {
    line,
    version,
    width,
    classes,
    capacity,
    ids: [],
    at: new Float64Array(memory, 0, capacity),
    predicted: new Int32Array(memory, predictedFrom, capacity),
    probabilities: new Float32Array(memory, probabilitiesFrom, capacity * classes),
    inputs: new Uint8Array(memory, capacity * answerBytes),
    lost: 0,
  };
}

export const isFull = ({ ids, capacity }: AnswerChunk): boolean => ids.length === capacity;

/** Adds a row of a request. False where its input is no bytes, so that it belongs among those without; nothing is added then. */
export function addRow(chunk: AnswerChunk, answered: AnsweredRequest, row: number): boolean {
  const { width, classes, ids } = chunk;
  const at = ids.length;
  if (width > 0 && !copyAsBytes(answered.inputs, row * width, { to: chunk.inputs, at: at * width, width }))
    return false;
  for (let one = 0; one < classes; one++) {
    chunk.probabilities[at * classes + one] = answered.probabilities[row * classes + one] as number;
  }
  chunk.at[at] = answered.at;
  chunk.predicted[at] = answered.predicted[row] ?? 0;
  ids.push(predictionId(answered, row));
  return true;
}

/** As it is put on record. */
export function packedChunk({ line, version, width, classes, lost, ...chunk }: AnswerChunk): PackedAnswers {
  const end = chunk.ids.length;
  return {
    line,
    version,
    ids: chunk.ids.slice(lost),
    at: chunk.at.subarray(lost, end),
    inputs: width === 0 ? null : chunk.inputs.subarray(lost * width, end * width),
    predicted: chunk.predicted.subarray(lost, end),
    probabilities: chunk.probabilities.subarray(lost * classes, end * classes),
  };
}

/** The same rows in no more memory than they need. */
export function trimmed(chunk: AnswerChunk): AnswerChunk {
  const rows = rowsIn(chunk);
  if (rows > chunk.capacity / 2) return chunk;
  const made = makeChunk(chunk, rows);
  const { ids, at, inputs, predicted, probabilities } = packedChunk(chunk);
  made.ids.push(...ids);
  made.at.set(at);
  made.predicted.set(predicted);
  made.probabilities.set(probabilities);
  if (inputs !== null) made.inputs.set(inputs);
  return made;
}
