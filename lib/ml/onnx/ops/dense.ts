import { float, int } from '../attribute.ts';
import type { Graph, Value } from '../graph.ts';
import { ROWS_LAST, rowAxis, type Signal } from '../signal.ts';
import type { Applied } from './applied.ts';
import { sumOver } from './reduce.ts';

/** Kernel [units, inputs] and bias [units, 1]. */
export interface DenseArrays {
  readonly kernel: Value;
  readonly bias: Value;
}

/**
 * Z = K·X + b with samples as columns. dK = dZ·Xᵀ, db = Σ dZ over the rows, dX = Kᵀ·dZ. Rows that lie one after the
 * other are read by a transposing product instead.
 */
export function dense(graph: Graph, input: Signal, { kernel, bias }: DenseArrays, units: number): Applied {
  const isColumns = rowAxis(input) === 1;
  const { value: x, scale } = input;
  const alpha = float(scale);
  const z = graph.op('Gemm', [kernel, x, bias], { alpha, transB: int(isColumns ? 0 : 1) });
  return {
    output: { value: z, shape: [units], axes: ROWS_LAST, isFlat: true, scale: 1 },
    backward: (gradient, needsInput) => {
      const byKernel = graph.op('Gemm', [gradient, x], { alpha, transB: int(isColumns ? 1 : 0) });
      const byBias = sumOver(graph, gradient, [1], true);
      return { input: needsInput ? byInput(gradient) : undefined, arrays: { kernel: byKernel, bias: byBias } };
    },
  };

  function byInput(gradient: Value): Value {
    const product = isColumns ? [kernel, gradient] : [gradient, kernel];
    return graph.op('Gemm', product, { alpha, transA: int(1) });
  }
}
