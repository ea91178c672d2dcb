import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { columnTypeOf } from '../data/npy.ts';
import type { GoldenBatch, ModelCard } from '../domain/model.ts';
import { countUp } from '../util/count-up.ts';
import type { Engine, EpochMetrics, Fitted, Rows } from './engine.ts';
import { modelOnnx } from './onnx/export.ts';
import { modelJson, scalingWeights, weightBytes } from './topology.ts';
import { chooseRows, copyRows } from './training-rows.ts';

/** How far an answer of a loaded model may be from the one training gave. */
const TOLERANCE = 1e-5;

const GOLDEN_ROWS = 16;

export interface ModelToSave {
  readonly card: Omit<ModelCard, 'format' | 'version' | 'epochs' | 'engine'>;
  readonly fitted: Fitted;
  readonly engine: Engine;
  /** Rows to take the golden batch from. */
  readonly rows: Rows;
}

/** One file of a model's folder. */
export interface ModelFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The files of a model: model.json and weights.bin as TensorFlow.js reads them, model.onnx for any other runtime,
 * history.json (a row per epoch), golden.json, and mlloop.json, which comes last and marks the folder as whole. No time,
 * path or count is in them.
 */
export async function modelFiles({ card, fitted, engine, rows }: ModelToSave): Promise<ModelFile[]> {
  const json = (name: string, data: unknown): ModelFile => ({ name, bytes: Buffer.from(`${JSON.stringify(data)}\n`) });
  const { spec, transform, classes } = card;
  const weights = [...scalingWeights(transform), ...fitted.weights];
  const { engine: name, backend, version } = engine.choice;
  const whole: ModelCard = {
    format: 'mlloop-model',
    version: 1,
    ...card,
    engine: { engine: name, backend, version },
    epochs: { run: fitted.history.length, kept: fitted.keptEpoch },
  };
  return [
    { name: 'weights.bin', bytes: weightBytes(weights) },
    json('model.json', modelJson(spec, { transform, weights })),
    { name: 'model.onnx', bytes: modelOnnx({ spec, transform, classes, weights: fitted.weights }) },
    json('history.json', fitted.history satisfies readonly EpochMetrics[]),
    json('golden.json', await goldenBatch({ card, fitted, engine, rows })),
    json('mlloop.json', whole),
  ];
}

/** Lays a model's files out. They are not made durable here: a stage's outs are, when they are taken into the store. */
export function writeModel(folder: string, files: readonly ModelFile[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { name, bytes } of files) writeFileSync(join(folder, name), bytes);
}

export const saveModel = async (folder: string, model: ModelToSave): Promise<void> =>
  writeModel(folder, await modelFiles(model));

async function goldenBatch({ card, fitted, engine, rows }: ModelToSave): Promise<GoldenBatch> {
  const count = Math.min(GOLDEN_ROWS, rows.count);
  const first = countUp(count);
  const { inputs } = copyRows(chooseRows(rows, first));
  const { spec, transform } = card;
  const outputs = await engine.predict({ spec, transform, weights: fitted.weights, inputs, count });
  const bytes = Buffer.from(inputs.buffer, inputs.byteOffset, inputs.byteLength);
  const dtype = columnTypeOf(inputs);
  return {
    rows: count,
    shape: spec.input,
    ...(dtype === 'uint8' ? {} : { dtype }),
    inputs: bytes.toString('base64'),
    outputs: [...outputs],
    tolerance: TOLERANCE,
  };
}
