import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineChoice } from '../domain/engine.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { GoldenBatch, ModelCard } from '../domain/model.ts';
import { packagesFolder } from '../util/packages-folder.ts';
import { err, ok, type Result } from '../util/result.ts';
import { outputSize } from './layer-shapes.ts';
import { probeTfjs } from './probe-engines.ts';
import { useBackend } from './tfjs/backend.ts';

/** A model as whoever is given its folder sees it. */
export interface LoadedModel {
  readonly card: ModelCard;
  readonly golden: GoldenBatch;
  /** `rows` raw rows in, rows x classes probabilities out, row-major. */
  predict(inputs: Uint8Array | Float32Array | Int32Array, rows: number): Float32Array;
  dispose(): void;
}

/** Rows answered at once. */
const BATCH = 1000;

/** Loads a model folder through TensorFlow.js' own reader: what answers is what anybody else would load. */
export async function loadModel(folder: string, choice?: EngineChoice): Promise<Result<LoadedModel, Failure>> {
  const missing = ['mlloop.json', 'model.json', 'weights.bin', 'golden.json'].find(
    (name) => !existsSync(join(folder, name)),
  );
  if (missing !== undefined) return err(failure('TRAIN_NOT_A_MODEL', { folder, problem: `it holds no ${missing}` }));
  const json = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  try {
    const { tensor, tidy } = await useBackend((choice ?? probeTfjs(packagesFolder())).backend);
    const { loadLayersModel } = await import('@tensorflow/tfjs-layers');
    const card = json('mlloop.json') as ModelCard;
    const golden = json('golden.json') as GoldenBatch;
    const { modelTopology, weightsManifest } = json('model.json') as SavedModel;
    const bytes = readFileSync(join(folder, 'weights.bin'));
    const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const weightSpecs = weightsManifest.flatMap((group) => group.weights);
    const model = await loadLayersModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
    const classes = outputSize(card.spec);
    const predict: LoadedModel['predict'] = (inputs, rows) => {
      const answers = new Float32Array(rows * classes);
      const width = rows === 0 ? 0 : inputs.length / rows;
      for (let from = 0; from < rows; from += BATCH) {
        const count = Math.min(BATCH, rows - from);
        const part = Float32Array.from(inputs.subarray(from * width, (from + count) * width));
        const values = tidy(() => {
          const answered = model.predict(tensor(part, [count, ...card.spec.input]));
          return (Array.isArray(answered) ? answered[0] : answered)?.dataSync<'float32'>();
        });
        answers.set(values ?? [], from * classes);
      }
      return answers;
    };
    return ok({ card, golden, predict, dispose: () => void model.dispose() });
  } catch (error) {
    return err(
      failure('TRAIN_NOT_A_MODEL', { folder, problem: error instanceof Error ? error.message : String(error) }),
    );
  }
}

interface SavedModel {
  readonly modelTopology: object;
  readonly weightsManifest: readonly { readonly weights: { name: string; shape: number[]; dtype: 'float32' }[] }[];
}

export interface SelfTest {
  /** The largest difference from the answers training gave. */
  readonly maxDifference: number;
  readonly tolerance: number;
  readonly passed: boolean;
}

/** Asks a loaded model what it was asked when it was trained. */
export function selfTest({ golden, predict }: Pick<LoadedModel, 'golden' | 'predict'>): SelfTest {
  const bytes = Buffer.from(golden.inputs, 'base64');
  const answers = predict(new Uint8Array(bytes), golden.rows);
  let maxDifference = answers.length === golden.outputs.length ? 0 : Number.POSITIVE_INFINITY;
  answers.forEach((answer, at) => {
    const difference = Math.abs(answer - (golden.outputs[at] ?? Number.NaN));
    if (!(difference <= maxDifference))
      maxDifference = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  });
  return { maxDifference, tolerance: golden.tolerance, passed: maxDifference <= golden.tolerance };
}
