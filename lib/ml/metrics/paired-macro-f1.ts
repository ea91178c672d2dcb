import { classScores, macro } from './per-class.ts';

export interface PairedPredictions {
  readonly labels: Int32Array;
  readonly challenger: Int32Array;
  readonly champion: Int32Array;
}

/** Rows by kind: those of one kind have the same class and the same two answers. */
export interface PairedKinds {
  readonly kinds: Int32Array;
  /** The challenger's macro F1 less the champion's, from the number of rows of each kind. */
  readonly difference: (counts: Int32Array) => number;
}

/** Sorts rows into kinds, so that a bootstrap has few numbers to count. */
export function pairedMacroF1({ labels, challenger, champion }: PairedPredictions, classes: number): PairedKinds {
  const kindOf = new Map<number, number>();
  const [truth, first, second]: [number[], number[], number[]] = [[], [], []];
  const kinds = labels.map((label, row) => {
    const [mine, other] = [challenger[row] as number, champion[row] as number];
    const code = (label * classes + mine) * classes + other;
    const known = kindOf.get(code);
    if (known !== undefined) return known;
    truth.push(label);
    first.push(mine);
    second.push(other);
    kindOf.set(code, kindOf.size);
    return kindOf.size - 1;
  });
  const scoreOf = (answers: readonly number[], counts: Int32Array): number => {
    const matrix = new Int32Array(classes * classes);
    answers.forEach((answer, kind) => {
      const at = (truth[kind] as number) * classes + answer;
      matrix[at] = (matrix[at] as number) + (counts[kind] ?? 0);
    });
    return macro(classScores({ classes, counts: matrix }), ({ f1 }) => f1);
  };
  return { kinds, difference: (counts) => scoreOf(first, counts) - scoreOf(second, counts) };
}
