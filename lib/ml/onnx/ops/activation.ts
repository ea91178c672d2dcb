import type { Activation } from '../../../domain/model.ts';
import { assertNever } from '../../../util/assert-never.ts';
import { float, int } from '../attribute.ts';
import type { Graph, Value } from '../graph.ts';
import type { Signal } from '../signal.ts';
import { type Applied, inputOnly } from './applied.ts';
import { sumOver } from './reduce.ts';

/** A = f(Z) and dZ = dA ⊙ f′, where f′ is written by A alone. */
export function activate(graph: Graph, input: Signal, activation: Activation): Applied {
  const rule = ruleOf(graph, input, activation);
  if (rule === undefined) return { output: input, backward: inputOnly };
  return { output: { ...input, value: rule.output }, backward: (gradient) => inputOnly(rule.backward(gradient)) };
}

interface Rule {
  readonly output: Value;
  backward(gradient: Value): Value;
}

function ruleOf(graph: Graph, { value, axes, shape }: Signal, activation: Activation): Rule | undefined {
  switch (activation) {
    case 'linear':
      return undefined;
    case 'relu':
      return relu(graph, value);
    case 'sigmoid':
      return sigmoid(graph, value);
    case 'tanh':
      return tanh(graph, value);
    case 'softmax':
      return softmax(graph, value, axes.indexOf(shape.length));
    default:
      return assertNever(activation);
  }
}

/** Times this, every normal number from zero up to 1 is more than 1. */
const STEEP = 2 ** 127;

/** f′ = 1 where A > 0, else 0: a line so steep, cut off at 0 and 1, is a step, and one node where comparing takes two. */
function relu(graph: Graph, z: Value): Rule {
  const output = graph.op('Relu', [z]);
  const slope = () => graph.op('HardSigmoid', [output], { alpha: float(STEEP), beta: float(0) });
  return { output, backward: (gradient) => graph.op('Mul', [gradient, slope()]) };
}

/** f′ = A (1 − A). */
function sigmoid(graph: Graph, z: Value): Rule {
  const output = graph.op('Sigmoid', [z]);
  const slope = () => graph.op('Mul', [output, graph.op('Sub', [graph.constant(1), output])]);
  return { output, backward: (gradient) => graph.op('Mul', [gradient, slope()]) };
}

/** f′ = 1 − A². */
function tanh(graph: Graph, z: Value): Rule {
  const output = graph.op('Tanh', [z]);
  const slope = () => graph.op('Sub', [graph.constant(1), graph.op('Mul', [output, output])]);
  return { output, backward: (gradient) => graph.op('Mul', [gradient, slope()]) };
}

/** dZ = A ⊙ (dA − Σ dA ⊙ A), the sum over the values of a row. */
function softmax(graph: Graph, z: Value, axis: number): Rule {
  const output = graph.op('Softmax', [z], { axis: int(axis) });
  return {
    output,
    backward: (gradient) => {
      const shared = sumOver(graph, graph.op('Mul', [gradient, output]), [axis], true);
      return graph.op('Mul', [output, graph.op('Sub', [gradient, shared])]);
    },
  };
}
