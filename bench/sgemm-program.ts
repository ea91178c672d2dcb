import { createGraph, modelBytes } from '../lib/ml/onnx/graph.ts';
import { loadRuntime, startProgram } from '../lib/ml/onnx/runtime.ts';

const SIZE = 1024;
const TIMES = 8;

/** Best of a few products of two square matrices, one thread, in GFLOP/s. */
export async function measure(): Promise<number> {
  const graph = createGraph();
  const [a, b] = ['a', 'b'].map((name) => graph.input(name, 'float32', [SIZE, SIZE]));
  graph.output('c', graph.op('Gemm', [a as string, b as string]), 'float32', [SIZE, SIZE]);
  const program = await startProgram(await loadRuntime(), modelBytes(graph, 'sgemm'));
  const data = Float32Array.from({ length: SIZE ** 2 }, (_, at) => (at % 97) / 97);
  const values = { data, shape: [SIZE, SIZE] };
  let best = 0;
  for (let time = 0; time < TIMES; time++) {
    const startedMs = performance.now();
    await program.run(
      new Map([
        ['a', values],
        ['b', values],
      ]),
    );
    best = Math.max(best, (2 * SIZE ** 3) / (performance.now() - startedMs) / 1e6);
  }
  await program.release();
  return best;
}
