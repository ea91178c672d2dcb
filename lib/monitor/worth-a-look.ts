/** An answer somebody may look at. */
export interface LookedAt {
  readonly predicted: number;
  readonly probabilities: readonly number[];
  /** The label that counts; undefined where nobody has said. */
  readonly label: number | undefined;
}

/**
 * Answers nobody has labelled, those first whose two largest probabilities are nearest to each other: where a label teaches most
 * (margin sampling; Scheffer and others, IDA 2001).
 */
export const leastSure = <A extends LookedAt>(answers: readonly A[], count: number): A[] =>
  first(
    answers.filter(({ label }) => label === undefined),
    count,
    marginOf,
  );

/** Answers that a label says were wrong, the surest first. */
export const surestWrong = <A extends LookedAt>(answers: readonly A[], count: number): A[] =>
  first(
    answers.filter(({ label, predicted }) => label !== undefined && label !== predicted),
    count,
    ({ predicted, probabilities }) => -(probabilities[predicted] ?? 0),
  );

/** The first by a number; of equal ones that which came first. */
const first = <A>(answers: readonly A[], count: number, by: (answer: A) => number): A[] =>
  [...answers].sort((a, b) => by(a) - by(b)).slice(0, count);

function marginOf({ probabilities }: LookedAt): number {
  let [largest, second] = [0, 0];
  for (const probability of probabilities) {
    if (probability > largest) [largest, second] = [probability, largest];
    else if (probability > second) second = probability;
  }
  return largest - second;
}
