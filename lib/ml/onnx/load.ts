import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelSpec } from '../../domain/model.ts';
import { type Answering, answerInBatches } from '../answering.ts';
import { inputSize, outputSize } from '../layer-shapes.ts';
import { INPUT, OUTPUT } from './export.ts';
import { loadRuntime, startProgram } from './runtime.ts';

/** Loads model.onnx. Throws where ONNX Runtime does not load, or cannot read the file. */
export async function loadOnnxModel(folder: string, spec: ModelSpec): Promise<Answering> {
  const program = await startProgram(await loadRuntime(), readFileSync(join(folder, 'model.onnx')));
  const sizes = { width: inputSize(spec), classes: outputSize(spec) };
  const batch = async (values: Float32Array, rows: number): Promise<Float32Array> => {
    const answered = await program.run(new Map([[INPUT, { data: values, shape: [rows, ...spec.input] }]]));
    const data = answered.get(OUTPUT)?.data;
    if (!(data instanceof Float32Array)) throw new Error(`model.onnx gives no '${OUTPUT}'`);
    return data;
  };
  return {
    predict: (inputs, rows) => answerInBatches(sizes, batch, { inputs, rows }),
    dispose: () => program.release(),
  };
}
