import type { Column } from './input-statistics.ts';

/** Answered rows, as they are compared with others. */
export interface AnsweredRows {
  readonly rows: number;
  /** rows x classes, row-major. */
  readonly probabilities: Float32Array;
  readonly predicted: ArrayLike<number>;
  /** Of those rows whose label is known, in any order. */
  readonly labels: ArrayLike<number>;
  /** Numbers of those rows whose input is on record. */
  readonly inputs: readonly Column[];
}

/** A class' probability, row by row. */
export const probabilityOf = (answers: AnsweredRows, size: number, index: number): Float32Array =>
  Float32Array.from({ length: answers.rows }, (_, row) => answers.probabilities[row * size + index] as number);

/** The probability of the class that was given, row by row. */
export const confidenceOf = (answers: AnsweredRows, size: number): Float32Array =>
  Float32Array.from({ length: answers.rows }, (_, row) => {
    let most = 0;
    for (let at = row * size; at < (row + 1) * size; at++) most = Math.max(most, answers.probabilities[at] as number);
    return most;
  });
