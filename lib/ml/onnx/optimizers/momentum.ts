import { OPTIMIZER_CONSTANTS } from '../../optimizer-constants.ts';
import { type OptimizerRule, perStep } from './rule.ts';

const { momentum: decay } = OPTIMIZER_CONSTANTS;

/** m ← μ m + g, w ← w − η m, with m kept divided by μᵏ after k steps of a block. */
export const momentum: OptimizerRule = {
  slots: [0],
  numbers: ['step'],
  numbersOf: (steps) => ({
    gradientFactor: perStep(steps, (k) => decay ** -k),
    step: perStep(steps, (k) => steps.rate * decay ** k),
  }),
  update: (graph, { weight, gradient, slots: [sum = ''], numbers: { step = '' } }) => {
    const added = graph.op('Add', [sum, gradient]);
    return { weight: graph.op('Sub', [weight, graph.op('Mul', [added, step])]), slots: [added] };
  },
  fade: (steps) => [decay ** steps],
};
