import { importLib } from './measure.mjs';

/** The speed of one large matrix product in ONNX Runtime, one thread, in GFLOP/s: the best of a few. */
export async function sgemmOfRuntime() {
  const { module } = await importLib('sgemm-program.ts');
  return module.measure();
}
