import { OPTIMIZER_CONSTANTS } from '../../optimizer-constants.ts';
import { type OptimizerRule, ones, perStep } from './rule.ts';

const { epsilon, initialSquares } = OPTIMIZER_CONSTANTS;

/** s ← s + g², w ← w − η g / sqrt(s + ε). */
export const adagrad: OptimizerRule = {
  slots: [initialSquares],
  numbers: ['step'],
  numbersOf: (steps) => ({ gradientFactor: ones(steps), step: perStep(steps, () => steps.rate) }),
  update: (graph, { weight, gradient, slots: [squares = ''], numbers: { step = '' } }) => {
    const added = graph.op('Add', [squares, graph.op('Mul', [gradient, gradient])]);
    const root = graph.op('Sqrt', [graph.op('Add', [added, graph.constant(epsilon)])]);
    const change = graph.op('Mul', [graph.op('Div', [gradient, root]), step]);
    return { weight: graph.op('Sub', [weight, change]), slots: [added] };
  },
  fade: () => [1],
};
