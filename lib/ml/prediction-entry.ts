import type { PredictionEntry } from '../domain/effects.ts';
import { sha256 } from '../util/hash.ts';
import { predictedClasses } from './metrics/confusion.ts';

export interface AnsweredRows {
  /** Who is asked and why; the same rows asked for another purpose are other predictions. */
  readonly purpose: string;
  /** Content hash of the model that answered. */
  readonly modelHash: string;
  /** rows x features raw bytes. */
  readonly inputs: Uint8Array;
  /** rows x classes. */
  readonly probabilities: Float32Array;
  readonly classes: number;
  /** The true label of each row, where it is known. */
  readonly labels?: Int32Array;
}

/** Characters of a prediction's id: 64 bits of a SHA-256 in hex, enough for billions of predictions. */
const ID_LENGTH = 16;

/**
 * Answers ready to put on record. An id follows from the purpose, the model and the row's bytes, so that asking the same
 * thing twice is one prediction, and what is on record is never counted twice.
 */
export function predictionEntries(answered: AnsweredRows): PredictionEntry[] {
  const { purpose, modelHash, inputs, probabilities, classes, labels } = answered;
  const predicted = predictedClasses(probabilities, classes);
  const width = predicted.length === 0 ? 0 : inputs.length / predicted.length;
  return [...predicted].map((prediction, row) => {
    const input = inputs.slice(row * width, (row + 1) * width);
    const label = labels?.[row];
    return {
      predictionId: sha256(Buffer.concat([Buffer.from(`${purpose}\n${modelHash}\n`), input])).slice(0, ID_LENGTH),
      input,
      predicted: prediction,
      probabilities: [...probabilities.subarray(row * classes, (row + 1) * classes)],
      ...(label === undefined ? {} : { label }),
    };
  });
}
