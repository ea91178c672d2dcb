import type { ModelSpec } from '../../lib/domain/model.ts';
import { createEngine } from '../../lib/ml/create-engine.ts';
import { saveModel } from '../../lib/ml/save-model.ts';
import { DEFAULT_SETTINGS, hyperparametersOf } from '../../lib/ml/settings.ts';
import { weightSpecs } from '../../lib/ml/weights.ts';

export interface ThresholdModel {
  /** The grey from which on a pixel is called the second class: half way to the one below it. */
  readonly from: number;
  readonly classes?: readonly [string, string];
  /** Pixels a row has; only the first one counts. */
  readonly pixels?: number;
  /** How sharply it decides. */
  readonly slope?: number;
}

/** A model nobody trained: what it gets right and wrong is known beforehand, row by row. */
export async function saveThresholdModel(folder: string, model: ThresholdModel): Promise<void> {
  const { from, classes = ['dark', 'light'], pixels = 1, slope = 100 } = model;
  const spec: ModelSpec = {
    input: [1, pixels],
    layers: [{ type: 'dense', units: 2, activation: 'softmax' }],
    loss: 'softmaxCrossEntropy',
  };
  const values = {
    kernel: Float32Array.from({ length: pixels * 2 }, (_, at) => (at === 1 ? slope : 0)),
    bias: Float32Array.of(0, (-slope * (from - 0.5)) / 255),
  };
  const weights = weightSpecs(spec).map(({ name, shape }) => ({
    name,
    shape,
    values: name.endsWith('bias') ? values.bias : values.kernel,
  }));
  const hyperparameters = hyperparametersOf({ ...DEFAULT_SETTINGS, hidden: [] });
  const engine = await createEngine({ engine: 'tfjs', backend: 'cpu', version: '4.22.0', why: '' });
  await saveModel(folder, {
    card: {
      spec,
      hyperparameters,
      transform: { kind: 'affine', scale: [1 / 255], offset: [0] },
      classes,
      trainedOn: { rows: 256, generated: false },
    },
    fitted: { weights, history: [], keptEpoch: 1 },
    engine,
    rows: {
      count: 8,
      inputs: Uint8Array.from({ length: 8 * pixels }, (_, at) => (at % pixels === 0 ? (at / pixels) * 30 : 0)),
      labels: new Int32Array(8),
    },
  });
}
