import type { EmbeddingSpec } from '../../../domain/model.ts';
import { int, text } from '../attribute.ts';
import type { Graph, Value } from '../graph.ts';
import type { Signal } from '../signal.ts';
import type { Applied } from './applied.ts';
import { reshape } from './reduce.ts';

/** A row of the table for each whole number; its gradient adds up over the places the number stood at. */
export function embedding(graph: Graph, input: Signal, table: Value, { units }: EmbeddingSpec): Applied {
  const indices = graph.op('Cast', [input.value], { to: int(7) });
  const value = graph.op('Gather', [table, indices], { axis: int(0) });
  const shape = [...input.shape, units];
  return {
    output: { value, shape, axes: [0, ...shape.map((_, axis) => axis + 1)], isFlat: false, scale: 1 },
    backward: (gradient) => {
      const zeros = graph.op('ConstantOfShape', [graph.op('Shape', [table])]);
      const [places, rows] = [reshape(graph, indices, [-1, 1]), reshape(graph, gradient, [-1, units])];
      const added = graph.op('ScatterND', [zeros, places, rows], { reduction: text('add') });
      return { input: undefined, arrays: { embeddings: added } };
    },
  };
}
