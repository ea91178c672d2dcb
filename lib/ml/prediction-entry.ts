import type { PredictionEntry } from '../domain/effects.ts';
import { sha256 } from '../util/hash.ts';
import type { Rows } from './engine.ts';
import { predictedClasses } from './metrics/confusion.ts';

export interface AnsweredRows {
  /** Who is asked and why; the same rows asked for another purpose are other predictions. */
  readonly purpose: string;
  /** Content hash of the model that answered. */
  readonly modelHash: string;
  /** rows x features raw values. */
  readonly inputs: Rows['inputs'];
  /** rows x classes. */
  readonly probabilities: Float32Array;
  readonly classes: number;
  /** The true label of each row, where it is known. */
  readonly labels?: Int32Array;
}

/** Characters of a prediction's id: 64 bits of a SHA-256 in hex, enough for billions of predictions. */
const ID_LENGTH = 16;

/** What the log keeps of a row: bytes, as the server does; null where a value is no whole number from 0 to 255. */
function asBytes(raw: Rows['inputs']): Uint8Array | null {
  if (raw instanceof Uint8Array) return raw;
  const bytes = Uint8Array.from(raw);
  return bytes.every((byte, at) => byte === raw[at]) ? bytes : null;
}

/**
 * Answers ready to put on record. An id follows from the purpose, the model and the row's bytes, so that asking the same
 * thing twice is one prediction, and what is on record is never counted twice.
 */
export function predictionEntries(answered: AnsweredRows): PredictionEntry[] {
  const { purpose, modelHash, inputs, probabilities, classes, labels } = answered;
  const predicted = predictedClasses(probabilities, classes);
  const width = predicted.length === 0 ? 0 : inputs.length / predicted.length;
  return [...predicted].map((prediction, row) => {
    const raw = inputs.slice(row * width, (row + 1) * width);
    const input = asBytes(raw);
    const content = input ?? new Uint8Array(raw.buffer);
    const label = labels?.[row];
    return {
      predictionId: sha256(Buffer.concat([Buffer.from(`${purpose}\n${modelHash}\n`), content])).slice(0, ID_LENGTH),
      input,
      predicted: prediction,
      probabilities: [...probabilities.subarray(row * classes, (row + 1) * classes)],
      ...(label === undefined ? {} : { label }),
    };
  });
}
