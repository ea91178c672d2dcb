import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineChoice } from '../../domain/engine.ts';
import type { ModelSpec } from '../../domain/model.ts';
import { type Answering, answerInBatches } from '../answering.ts';
import { inputSize, outputSize } from '../layer-shapes.ts';
import { useBackend } from './backend.ts';

interface SavedModel {
  readonly modelTopology: object;
  readonly weightsManifest: readonly { readonly weights: { name: string; shape: number[]; dtype: 'float32' }[] }[];
}

/** Loads model.json and weights.bin through TensorFlow.js' own reader. Throws where it cannot read them. */
export async function loadTfjsModel(
  folder: string,
  spec: ModelSpec,
  backend: EngineChoice['backend'],
): Promise<Answering> {
  const { tensor, tidy } = await useBackend(backend);
  const { loadLayersModel } = await import('@tensorflow/tfjs-layers');
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as SavedModel;
  const bytes = readFileSync(join(folder, 'weights.bin'));
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const model = await loadLayersModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
  const sizes = { width: inputSize(spec), classes: outputSize(spec) };
  const batch = async (values: Float32Array, rows: number): Promise<Float32Array> =>
    tidy(() => {
      const answered = model.predict(tensor(values, [rows, ...spec.input]));
      return (Array.isArray(answered) ? answered[0] : answered)?.dataSync<'float32'>() ?? new Float32Array();
    });
  return {
    predict: (inputs, rows) => answerInBatches(sizes, batch, { inputs, rows }),
    dispose: async () => void model.dispose(),
  };
}
