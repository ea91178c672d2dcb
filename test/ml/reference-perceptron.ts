/**
 * A perceptron of two layers written out by hand in float64, rows as samples: Z1 = X·W1 + b1, A1 = max(Z1, 0),
 * Z2 = A1·W2 + b2, A2 = 1 / (1 + e^−Z2), L = mean over the rows of ½ Σ (A2 − Y)². It shares no code with the engine.
 */
export interface Perceptron {
  readonly w1: readonly (readonly number[])[];
  readonly b1: readonly number[];
  readonly w2: readonly (readonly number[])[];
  readonly b2: readonly number[];
}

type Matrix = readonly (readonly number[])[];

const product = (a: Matrix, b: Matrix): number[][] =>
  a.map((row) =>
    (b[0] ?? []).map((_, column) => row.reduce((sum, value, at) => sum + value * (b[at]?.[column] ?? 0), 0)),
  );

const transposed = (a: Matrix): number[][] => (a[0] ?? []).map((_, column) => a.map((row) => row[column] ?? 0));

const zip = (a: Matrix, b: Matrix, f: (x: number, y: number) => number): number[][] =>
  a.map((row, at) => row.map((value, column) => f(value, b[at]?.[column] ?? 0)));

const affine = (x: Matrix, w: Matrix, b: readonly number[]): number[][] =>
  product(x, w).map((row) => row.map((value, column) => value + (b[column] ?? 0)));

const columnSums = (a: Matrix): number[] =>
  (a[0] ?? []).map((_, column) => a.reduce((sum, row) => sum + (row[column] ?? 0), 0));

export function forwardPass({ w1, b1, w2, b2 }: Perceptron, x: Matrix) {
  const z1 = affine(x, w1, b1);
  const a1 = z1.map((row) => row.map((value) => Math.max(value, 0)));
  const a2 = affine(a1, w2, b2).map((row) => row.map((value) => 1 / (1 + Math.exp(-value))));
  return { z1, a1, a2 };
}

/** The gradient, not the descent direction: δ2 = (A2 − Y) ⊙ A2 ⊙ (1 − A2) / rows, δ1 = δ2·W2ᵀ ⊙ [Z1 > 0]. */
export function backwardPass(model: Perceptron, x: Matrix, y: Matrix) {
  const { z1, a1, a2 } = forwardPass(model, x);
  const rows = x.length;
  const delta2 = zip(a2, y, (a, target) => ((a - target) * a * (1 - a)) / rows);
  const delta1 = zip(product(delta2, transposed(model.w2)), z1, (value, z) => (z > 0 ? value : 0));
  const loss = zip(a2, y, (a, target) => (0.5 * (a - target) ** 2) / rows)
    .flat()
    .reduce((sum, value) => sum + value, 0);
  return {
    loss,
    w1: product(transposed(x), delta1),
    b1: columnSums(delta1),
    w2: product(transposed(a1), delta2),
    b2: columnSums(delta2),
  };
}
