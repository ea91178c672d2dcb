import { type ConfusionMatrix, countAt } from './confusion.ts';

/** How well one class is told from the others. */
export interface ClassScore {
  /** TP / (TP + FP): of what was called this class, the share that is. 0 when nothing was called so. */
  readonly precision: number;
  /** TP / (TP + FN): of what is this class, the share that was called so. 0 when there are no such rows. */
  readonly recall: number;
  /** 2·P·R / (P + R), the harmonic mean. 0 when both are 0. */
  readonly f1: number;
  /** Rows that are this class. */
  readonly support: number;
}

/** Precision, recall and F1 of every class, one against the rest (van Rijsbergen, 1979). */
export function classScores(matrix: ConfusionMatrix): ClassScore[] {
  const indices = Array.from({ length: matrix.classes }, (_, index) => index);
  const sum = (count: (other: number) => number): number => indices.reduce((total, other) => total + count(other), 0);
  return indices.map((index) => {
    const hits = countAt(matrix, index, index);
    const support = sum((other) => countAt(matrix, index, other));
    const called = sum((other) => countAt(matrix, other, index));
    const precision = called === 0 ? 0 : hits / called;
    const recall = support === 0 ? 0 : hits / support;
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    return { precision, recall, f1, support };
  });
}

/** Unweighted mean over the classes that have rows: a rare class counts as much as a common one. */
export function macro(scores: readonly ClassScore[], of: (score: ClassScore) => number): number {
  const present = scores.filter(({ support }) => support > 0);
  return present.length === 0 ? 0 : present.reduce((sum, score) => sum + of(score), 0) / present.length;
}

/** Correct predictions over all predictions; 0 without rows. */
export function accuracyOf(matrix: ConfusionMatrix): number {
  const rows = matrix.counts.reduce((sum, count) => sum + count, 0);
  const hits = Array.from({ length: matrix.classes }, (_, index) => countAt(matrix, index, index));
  return rows === 0 ? 0 : hits.reduce((sum, count) => sum + count, 0) / rows;
}
