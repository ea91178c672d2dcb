import { columnTypeOf } from '../../data/npy.ts';
import type { EngineChoice } from '../../domain/engine.ts';
import type { Engine, PredictRequest, Weight } from '../engine.ts';
import { inputSize, outputSize } from '../layer-shapes.ts';
import { weightSpecs } from '../weights.ts';
import { ANSWERS, gradientName, gradientProgram, LOSS, predictionProgram, TARGETS } from './answer-programs.ts';
import { fitWithOnnx } from './fit.ts';
import { createProgramCache, type ProgramCache } from './program-cache.ts';
import { RAW_INPUT } from './raw-rows.ts';
import type { Values } from './runtime.ts';
import { score } from './score.ts';
import { IN } from './training-program.ts';
import { givenWeights, scalar } from './values.ts';
import { fromGraphOrder } from './weight-layout.ts';

/** Rows answered in one call: enough to keep the matrix product busy, few enough to stay small. */
const PREDICT_ROWS = 1000;

/** The engine that compiles training to ONNX graphs. Throws when ONNX Runtime does not load. */
export async function createOnnxEngine(choice: EngineChoice): Promise<Engine> {
  const programs = await createProgramCache();
  return {
    choice,
    fit: (request) => fitWithOnnx(request, programs),
    predict: (request) => predict(request, programs),
    score: (request) => score(programs, request),
    gradients: (request) => gradients(request, programs),
  };
}

async function predict(request: PredictRequest, programs: ProgramCache): Promise<Float32Array> {
  const { spec, transform, weights, inputs, count } = request;
  const type = columnTypeOf(inputs);
  const { program, compiled } = await programs.get({
    key: JSON.stringify(['prediction', spec, transform, type]),
    compile: () => predictionProgram({ spec, transform }, type),
    file: undefined,
  });
  const [width, outputs] = [inputSize(spec), outputSize(spec)];
  const given = givenWeights(weights, compiled.layouts);
  const answers = new Float32Array(count * outputs);
  for (let from = 0; from < count; from += PREDICT_ROWS) {
    const rows = Math.min(PREDICT_ROWS, count - from);
    const data = inputs.subarray(from * width, (from + rows) * width);
    const results = await program.run(new Map<string, Values>([...given, [RAW_INPUT, { data, shape: [rows, width] }]]));
    answers.set(results.get(ANSWERS)?.data as Float32Array, from * outputs);
  }
  return answers;
}

async function gradients(
  request: PredictRequest & { readonly targets: Float32Array },
  programs: ProgramCache,
): Promise<{ loss: number; gradients: readonly Weight[] }> {
  const { spec, transform, weights, inputs, count, targets } = request;
  const type = columnTypeOf(inputs);
  const { program, compiled } = await programs.get({
    key: JSON.stringify(['gradients', spec, transform, type]),
    compile: () => gradientProgram({ spec, transform }, type),
    file: undefined,
  });
  const results = await program.run(
    new Map<string, Values>([
      ...givenWeights(weights, compiled.layouts),
      [RAW_INPUT, { data: inputs, shape: [count, inputSize(spec)] }],
      [TARGETS, { data: targets, shape: [count, outputSize(spec)] }],
      [IN.inverseCount, scalar(1 / count)],
    ]),
  );
  const learned = weightSpecs(spec).filter(({ isTrained }) => isTrained);
  return {
    loss: results.get(LOSS)?.data[0] as number,
    gradients: learned.map(({ name, shape }) => {
      const values = results.get(gradientName(name))?.data as Float32Array;
      const layout = compiled.layouts.get(name);
      if (layout === undefined) throw new Error(`the program has no gradient of ${name}`);
      return { name, shape, values: fromGraphOrder(values, layout) };
    }),
  };
}
