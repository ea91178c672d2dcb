import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineChoice } from '../domain/engine.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { GoldenBatch, ModelCard } from '../domain/model.ts';
import { packagesFolder } from '../util/packages-folder.ts';
import { err, ok, type Result } from '../util/result.ts';
import { goldenInputs } from './golden-inputs.ts';
import { loadOnnxModel } from './onnx/load.ts';
import { probeTfjs } from './probe-engines.ts';
import { probeOnnx } from './probe-onnx.ts';
import { loadTfjsModel } from './tfjs/load.ts';

/** A model as whoever is given its folder sees it. */
export interface LoadedModel {
  readonly card: ModelCard;
  readonly golden: GoldenBatch;
  /** The engine that answers. */
  readonly engine: EngineChoice;
  /** `rows` raw rows in, rows x classes probabilities out, row-major. */
  predict(inputs: Uint8Array | Float32Array | Int32Array, rows: number): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** The files each engine reads. */
const FILES: Readonly<Record<EngineChoice['engine'], readonly string[]>> = {
  onnx: ['mlloop.json', 'model.onnx', 'golden.json'],
  tfjs: ['mlloop.json', 'model.json', 'weights.bin', 'golden.json'],
};

/**
 * Loads a model folder, to be answered by the engine that is chosen; by ONNX Runtime where it loads, else by TensorFlow.js'
 * own reader. What answers is what anybody else would load.
 */
export async function loadModel(folder: string, choice?: EngineChoice): Promise<Result<LoadedModel, Failure>> {
  const engine = choice ?? (await chooseEngine(folder));
  const missing = FILES[engine.engine].find((name) => !existsSync(join(folder, name)));
  if (missing !== undefined) return err(failure('TRAIN_NOT_A_MODEL', { folder, problem: `it holds no ${missing}` }));
  const json = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  try {
    const card = json('mlloop.json') as ModelCard;
    const golden = json('golden.json') as GoldenBatch;
    const answering =
      engine.engine === 'onnx'
        ? await loadOnnxModel(folder, card.spec)
        : await loadTfjsModel(folder, card.spec, engine.backend);
    return ok({ card, golden, engine, ...answering });
  } catch (error) {
    return err(
      failure('TRAIN_NOT_A_MODEL', { folder, problem: error instanceof Error ? error.message : String(error) }),
    );
  }
}

/** A folder without model.onnx was not made here, or long ago. */
async function chooseEngine(folder: string): Promise<EngineChoice> {
  const packages = packagesFolder();
  const onnx = existsSync(join(folder, 'model.onnx')) ? await probeOnnx(packages) : undefined;
  return onnx === undefined || 'problem' in onnx ? probeTfjs(packages) : onnx;
}

export interface SelfTest {
  /** The largest difference from the answers training gave. */
  readonly maxDifference: number;
  readonly tolerance: number;
  readonly passed: boolean;
}

/** Asks a loaded model what it was asked when it was trained. */
export async function selfTest({ golden, predict }: Pick<LoadedModel, 'golden' | 'predict'>): Promise<SelfTest> {
  const answers = await predict(goldenInputs(golden), golden.rows);
  let maxDifference = answers.length === golden.outputs.length ? 0 : Number.POSITIVE_INFINITY;
  answers.forEach((answer, at) => {
    const difference = Math.abs(answer - (golden.outputs[at] ?? Number.NaN));
    if (!(difference <= maxDifference))
      maxDifference = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  });
  return { maxDifference, tolerance: golden.tolerance, passed: maxDifference <= golden.tolerance };
}
