/** One number of every row. */
export interface Column {
  readonly name: string;
  readonly values: Float32Array;
}

/** A pixel from here on counts as part of a stroke. */
const INK = 128;

/** Rows of more features than this are not looked at feature by feature: a test each would leave none of them any power. */
const MAX_FEATURES = 32;

/**
 * What can be told of inputs without a model, a number of every row. Of images (rows of shape [height, width], bytes): `intensity`,
 * the mean of the pixels over 255; `strokeMass`, the share of pixels of at least 128; `spread`, the standard deviation of the
 * pixels over 255. Of other rows of up to 32 features: each feature. Of wider ones nothing.
 */
export function inputStatistics(inputs: ArrayLike<number>, rows: number, shape: readonly number[]): readonly Column[] {
  const width = shape.reduce((size, side) => size * side, 1);
  if (shape.length === 2) return imageStatistics(inputs, rows, width);
  if (width > MAX_FEATURES) return [];
  return Array.from({ length: width }, (_, feature) => ({
    name: `feature ${feature}`,
    values: Float32Array.from({ length: rows }, (_, row) => inputs[row * width + feature] as number),
  }));
}

function imageStatistics(inputs: ArrayLike<number>, rows: number, area: number): readonly Column[] {
  const [intensity, strokeMass, spread] = [new Float32Array(rows), new Float32Array(rows), new Float32Array(rows)];
  for (let row = 0; row < rows; row++) {
    let [sum, squares, ink] = [0, 0, 0];
    for (let pixel = row * area; pixel < (row + 1) * area; pixel++) {
      const value = inputs[pixel] as number;
      sum += value;
      squares += value * value;
      if (value >= INK) ink += 1;
    }
    const mean = sum / area;
    intensity[row] = mean / 255;
    strokeMass[row] = ink / area;
    spread[row] = Math.sqrt(Math.max(0, squares / area - mean * mean)) / 255;
  }
  return [
    { name: 'intensity', values: intensity },
    { name: 'strokeMass', values: strokeMass },
    { name: 'spread', values: spread },
  ];
}
