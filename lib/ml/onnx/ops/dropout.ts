import { keptFactor } from '../../dropout.ts';
import { int } from '../attribute.ts';
import type { Graph, Value } from '../graph.ts';
import { type Signal, scaled } from '../signal.ts';
import { type Applied, inputOnly } from './applied.ts';

/** A = X ⊙ M and dX = dA ⊙ M, where M is 0 where a value is dropped and 1 / (1 − rate) elsewhere. `mask` is uint8. */
export function dropout(
  graph: Graph,
  from: Signal,
  { mask, rate }: { readonly mask: Value; readonly rate: number },
): Applied {
  const input = scaled(graph, from);
  const ones = graph.op('Cast', [mask], { to: int(1) });
  const factors = graph.op('Mul', [ones, graph.constant(keptFactor(rate))]);
  return {
    output: { ...input, value: graph.op('Mul', [input.value, factors]) },
    backward: (gradient) => inputOnly(graph.op('Mul', [gradient, factors])),
  };
}
