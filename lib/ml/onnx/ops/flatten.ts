import { shapeSize } from '../../layer-shapes.ts';
import type { Graph } from '../graph.ts';
import { innerAxes, type Signal } from '../signal.ts';
import { type Applied, inputOnly } from './applied.ts';
import { reshape } from './reduce.ts';

/** One row, one vector. The order of its values stays as it lies; whoever reads them has to follow `axes`. */
export function flatten(graph: Graph, input: Signal): Applied {
  if (input.isFlat) return { output: input, backward: inputOnly };
  const { shape } = input;
  const lengths = innerAxes(input).map((axis) => shape[axis] as number);
  return {
    output: { ...input, isFlat: true, value: reshape(graph, input.value, [-1, shapeSize(shape)]) },
    backward: (gradient) => inputOnly(reshape(graph, gradient, [-1, ...lengths])),
  };
}
