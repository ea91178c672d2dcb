import type { EngineChoice } from '../domain/engine.ts';
import type { Failure } from '../domain/failure.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { Rows } from './engine.ts';
import { loadModel } from './load-model.ts';
import { lookUpFault } from './looked-up.ts';
import { predictedClasses } from './metrics/confusion.ts';
import { copyRows } from './training-rows.ts';

export interface AnswerRequest {
  /** A model's folder. */
  readonly folder: string;
  readonly choice: EngineChoice;
  readonly rows: Rows;
}

/** Loads a model from its folder and answers every row: rows x classes probabilities, row-major. */
export async function answerRows({ folder, choice, rows }: AnswerRequest): Promise<Result<Float32Array, Failure>> {
  const loaded = await loadModel(folder, choice);
  if (!loaded.ok) return loaded;
  try {
    const { inputs } = copyRows(rows);
    const fault = lookUpFault(loaded.value.card.spec, () => inputs);
    return fault === undefined ? ok(await loaded.value.predict(inputs, rows.count)) : err(fault);
  } finally {
    await loaded.value.dispose();
  }
}

/** The class a model gives each row, by number. */
export async function classifyRows(request: AnswerRequest): Promise<Result<Int32Array, Failure>> {
  const { count } = request.rows;
  const answered = await answerRows(request);
  if (!answered.ok) return answered;
  return ok(predictedClasses(answered.value, count === 0 ? 0 : answered.value.length / count));
}
