/** What is left of a model's file once an engine has loaded it. */
export interface Answering {
  /** `rows` raw rows in, rows x classes probabilities out, row-major. */
  predict(inputs: Uint8Array | Float32Array | Int32Array, rows: number): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Rows answered at once: enough to keep the matrix product busy, few enough to stay small. */
const BATCH = 1000;

interface Sizes {
  /** Values of a row. */
  readonly width: number;
  readonly classes: number;
}

/** Answers any number of rows through `batch`, which answers some of them as 32-bit floats. */
export async function answerInBatches(
  { width, classes }: Sizes,
  batch: (values: Float32Array, rows: number) => Promise<Float32Array>,
  { inputs, rows }: { readonly inputs: Uint8Array | Float32Array | Int32Array; readonly rows: number },
): Promise<Float32Array> {
  const answers = new Float32Array(rows * classes);
  for (let from = 0; from < rows; from += BATCH) {
    const count = Math.min(BATCH, rows - from);
    const part = inputs.subarray(from * width, (from + count) * width);
    answers.set(await batch(part instanceof Float32Array ? part : Float32Array.from(part), count), from * classes);
  }
  return answers;
}
