/** Counts of rows by actual class (row) and predicted class (column): classes x classes, row-major. */
export interface ConfusionMatrix {
  readonly classes: number;
  readonly counts: Int32Array;
}

/** Class of the largest probability of each row; of equal ones the first. `probabilities` is rows x classes. */
export function predictedClasses(probabilities: Float32Array, classes: number): Int32Array {
  const predicted = new Int32Array(classes === 0 ? 0 : probabilities.length / classes);
  for (let row = 0; row < predicted.length; row++) {
    let best = 0;
    for (let column = 1; column < classes; column++) {
      if ((probabilities[row * classes + column] as number) > (probabilities[row * classes + best] as number))
        best = column;
    }
    predicted[row] = best;
  }
  return predicted;
}

export function confusionMatrix(actual: Int32Array, predicted: Int32Array, classes: number): ConfusionMatrix {
  const counts = new Int32Array(classes * classes);
  actual.forEach((label, row) => {
    const at = label * classes + (predicted[row] as number);
    counts[at] = (counts[at] as number) + 1;
  });
  return { classes, counts };
}

export const countAt = ({ classes, counts }: ConfusionMatrix, actual: number, predicted: number): number =>
  counts[actual * classes + predicted] as number;
