import type { PairedCounts } from './score-interval.ts';

/** What is true of some rows, and what two models say: class numbers, row by row. */
export interface PairedAnswers {
  readonly labels: Int32Array;
  readonly challenger: Int32Array;
  readonly champion: Int32Array;
}

/** Counts the rows that only one of two models got right; those of one class alone, where one is named. */
export function pairCounts({ labels, challenger, champion }: PairedAnswers, label?: number): PairedCounts {
  let [rows, onlyChallenger, onlyChampion] = [0, 0, 0];
  labels.forEach((truth, row) => {
    if (label !== undefined && truth !== label) return;
    rows += 1;
    const [first, second] = [challenger[row] === truth, champion[row] === truth];
    if (first && !second) onlyChallenger += 1;
    if (second && !first) onlyChampion += 1;
  });
  return { rows, onlyChallenger, onlyChampion };
}
