import { OPTIMIZER_CONSTANTS } from '../../optimizer-constants.ts';
import { type OptimizerRule, perStep } from './rule.ts';

const { meanSquareDecay: decay, epsilon } = OPTIMIZER_CONSTANTS;

/** s ← ρ s + (1 − ρ) g², w ← w − η g / sqrt(s + ε), with s kept divided by (1 − ρ) ρᵏ after k steps of a block. */
export const rmsprop: OptimizerRule = {
  slots: [0],
  numbers: ['step', 'epsilon'],
  numbersOf: (steps) => ({
    gradientFactor: perStep(steps, (k) => decay ** (-k / 2)),
    step: perStep(steps, () => steps.rate / Math.sqrt(1 - decay)),
    epsilon: perStep(steps, (k) => epsilon / ((1 - decay) * decay ** k)),
  }),
  update: (graph, { weight, gradient, slots: [squares = ''], numbers }) => {
    const { step = '', epsilon: small = '' } = numbers;
    const added = graph.op('Add', [squares, graph.op('Mul', [gradient, gradient])]);
    const root = graph.op('Sqrt', [graph.op('Add', [added, small])]);
    const change = graph.op('Mul', [graph.op('Div', [gradient, root]), step]);
    return { weight: graph.op('Sub', [weight, change]), slots: [added] };
  },
  fade: (steps) => [decay ** steps],
};
