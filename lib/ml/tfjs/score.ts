import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { countUp } from '../../util/count-up.ts';
import { type Batch, countCorrect, gatherBatch, oneHot } from '../batches.ts';
import type { Score, ScoreRequest } from '../engine.ts';
import { outputSize } from '../layer-shapes.ts';
import type { Tf } from './backend.ts';
import { forward, lossOf } from './network.ts';

/** Rows scored at once. */
const SCORE_ROWS = 1000;

export const batchTensors = (
  tf: Tf,
  { inputs, labels, count }: Batch,
  classes: number,
): { readonly inputs: Tensor2D; readonly targets: Tensor2D } => ({
  inputs: tf.tensor2d(inputs, [count, inputs.length / count]),
  targets: tf.tensor2d(oneHot(labels, classes), [count, classes]),
});

/** Mean loss, without what L2 adds, and accuracy; `arrays` are the weights by name. */
export function score(
  tf: Tf,
  { spec, transform, rows, arrays }: Omit<ScoreRequest, 'weights'> & { readonly arrays: ReadonlyMap<string, Tensor> },
): Score {
  const plain = { ...spec, layers: spec.layers.map((layer) => ('l2' in layer ? { ...layer, l2: 0 } : layer)) };
  const classes = outputSize(spec);
  const order = countUp(rows.count);
  let [loss, correct] = [0, 0];
  for (let from = 0; from < rows.count; from += SCORE_ROWS) {
    const batch = gatherBatch(rows, order, { from, size: SCORE_ROWS, transform });
    const scored = tf.tidy(() => {
      const { inputs, targets } = batchTensors(tf, batch, classes);
      const passed = forward(tf, plain, { arrays, inputs, training: undefined });
      const value: Scalar = lossOf(tf, plain, { ...passed, arrays, targets });
      return { value: value.dataSync()[0] as number, outputs: passed.outputs.dataSync<'float32'>() };
    });
    loss += scored.value * batch.count;
    correct += countCorrect(scored.outputs, batch.labels, classes);
  }
  return { loss: loss / rows.count, accuracy: correct / rows.count };
}
