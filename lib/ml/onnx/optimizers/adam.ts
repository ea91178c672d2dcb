import { OPTIMIZER_CONSTANTS } from '../../optimizer-constants.ts';
import { type OptimizerRule, perStep } from './rule.ts';

const { beta1, beta2, epsilon } = OPTIMIZER_CONSTANTS;

/**
 * m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − η m̂ / (sqrt(v̂) + ε) with m̂ and v̂ corrected for their start at 0.
 * After k steps of a block m is kept divided by (1 − β₁) β₁ᵏ and v by (1 − β₂) β₂ᵏ, which leaves nine passes over the
 * weights of the twelve the formulas have.
 */
export const adam: OptimizerRule = {
  slots: [0, 0],
  numbers: ['toSquares', 'epsilon', 'step'],
  numbersOf: (steps) => {
    const units = (k: number): number => beta1 ** k / beta2 ** (k / 2);
    const correction = (t: number): number => Math.sqrt((1 - beta2 ** t) / (1 - beta2));
    return {
      gradientFactor: perStep(steps, (k) => beta1 ** -k),
      toSquares: perStep(steps, units),
      epsilon: perStep(steps, (k, t) => (epsilon * correction(t)) / beta2 ** (k / 2)),
      step: perStep(steps, (k, t) => (steps.rate * (1 - beta1) * units(k) * correction(t)) / (1 - beta1 ** t)),
    };
  },
  update: (graph, { weight, gradient, slots: [mean = '', squares = ''], numbers }) => {
    const { toSquares = '', epsilon: small = '', step = '' } = numbers;
    const newMean = graph.op('Add', [mean, gradient]);
    const rescaled = graph.op('Mul', [gradient, toSquares]);
    const newSquares = graph.op('Add', [squares, graph.op('Mul', [rescaled, rescaled])]);
    const root = graph.op('Add', [graph.op('Sqrt', [newSquares]), small]);
    const change = graph.op('Mul', [graph.op('Div', [newMean, root]), step]);
    return { weight: graph.op('Sub', [weight, change]), slots: [newMean, newSquares] };
  },
  fade: (steps) => [beta1 ** steps, beta2 ** steps],
};
