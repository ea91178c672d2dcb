import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { EngineChoice } from '../../domain/engine.ts';
import { countUp } from '../../util/count-up.ts';
import { gatherBatch } from '../batches.ts';
import type { Engine, PredictRequest, Score, ScoreRequest, Weight } from '../engine.ts';
import { outputSize } from '../layer-shapes.ts';
import { weightSpecs } from '../weights.ts';
import { type Tf, useBackend } from './backend.ts';
import { fitWithTfjs } from './fit.ts';
import { forward, lossOf } from './network.ts';
import { score } from './score.ts';

/** Rows answered at once: enough to keep the matrix product busy, few enough to stay small. */
const PREDICT_ROWS = 1000;

/** The engine every other is tested against. Throws when the chosen backend does not load. */
export async function createTfjsEngine(choice: EngineChoice): Promise<Engine> {
  const tf = await useBackend(choice.backend);
  return {
    choice,
    fit: (request) => fitWithTfjs(tf, request),
    predict: async (request) => predict(tf, request),
    score: async (request) => scoreWeights(tf, request),
    gradients: async (request) => gradients(tf, request),
  };
}

const toTensors = (tf: Tf, weights: readonly Weight[]): Tensor[] =>
  weights.map(({ values, shape }) => tf.tensor(values, [...shape], 'float32'));

const byName = (weights: readonly Weight[], tensors: readonly Tensor[]): Map<string, Tensor> =>
  new Map(weights.map(({ name }, at) => [name, tensors[at] as Tensor]));

function predict(tf: Tf, { spec, transform, weights, inputs, count }: PredictRequest): Float32Array {
  const outputs = outputSize(spec);
  const answers = new Float32Array(count * outputs);
  const tensors = toTensors(tf, weights);
  const arrays = byName(weights, tensors);
  const rows = { count, inputs, labels: new Int32Array(count) };
  const order = countUp(count);
  for (let from = 0; from < count; from += PREDICT_ROWS) {
    const batch = gatherBatch(rows, order, { from, size: PREDICT_ROWS, transform });
    const values = tf.tidy(() => {
      const x = tf.tensor2d(batch.inputs, [batch.count, batch.inputs.length / batch.count]);
      return forward(tf, spec, { arrays, inputs: x, training: undefined }).outputs.dataSync<'float32'>();
    });
    answers.set(values, from * outputs);
  }
  tf.dispose(tensors);
  return answers;
}

function scoreWeights(tf: Tf, { weights, ...request }: ScoreRequest): Score {
  const tensors = toTensors(tf, weights);
  const scored = score(tf, { ...request, arrays: byName(weights, tensors) });
  tf.dispose(tensors);
  return scored;
}

function gradients(
  tf: Tf,
  request: PredictRequest & { readonly targets: Float32Array },
): { loss: number; gradients: readonly Weight[] } {
  const { spec, transform, weights, inputs, count, targets } = request;
  const order = countUp(count);
  const rows = { count, inputs, labels: new Int32Array(count) };
  const batch = gatherBatch(rows, order, { from: 0, size: count, transform });
  const isTrained = new Map(weightSpecs(spec).map((weight) => [weight.name, weight.isTrained]));
  const learned = weights.filter(({ name }) => isTrained.get(name));
  let loss = 0;
  let found: readonly Weight[] = [];
  tf.tidy(() => {
    const x = tf.tensor2d(batch.inputs, [count, batch.inputs.length / count]);
    const y = tf.tensor2d(targets, [count, targets.length / count]);
    const fixed = byName(weights, toTensors(tf, weights));
    const lossFor = (...tensors: Tensor[]): Scalar => {
      const arrays = new Map([...fixed, ...byName(learned, tensors)]);
      const passed = forward(tf, spec, { arrays, inputs: x, training: { dropout: undefined } });
      return lossOf(tf, spec, { ...passed, arrays, targets: y });
    };
    const { value, grads } = tf.valueAndGrads(lossFor)(toTensors(tf, learned));
    loss = value.dataSync()[0] as number;
    found = learned.map(({ name, shape }, index) => ({
      name,
      shape,
      values: Float32Array.from((grads[index] as Tensor).dataSync<'float32'>()),
    }));
  });
  return { loss, gradients: found };
}
