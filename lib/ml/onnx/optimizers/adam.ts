import { OPTIMIZER_CONSTANTS } from '../../optimizer-constants.ts';
import { affine } from '../ops/affine.ts';
import { reshape } from '../ops/reduce.ts';
import { type OptimizerRule, perStep, type StepRange } from './rule.ts';

const { beta1, beta2, epsilon } = OPTIMIZER_CONSTANTS;

/** A rate of zero has no inverse; steps this small change no weight. */
const LEAST_RATE = 1e-20;

/**
 * m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − η m̂ / (sqrt(v̂) + ε) with m̂ and v̂ corrected for their start at 0
 * (Kingma and Ba, 2015). After k steps of a block m is kept divided by (1 − β₁) β₁ᵏ and v by (1 − β₂) β₂ᵏ, and what m is
 * divided by is multiplied by 1 / η, corrections and ε in one pass: of the twelve passes over the weights that the formulas
 * have, eight are left.
 */
export const adam: OptimizerRule = {
  slots: [0, 0],
  numbers: ['toSquares', 'inverseStep', 'epsilon'],
  numbersOf: (steps) => {
    const units = (k: number): number => beta1 ** k / beta2 ** (k / 2);
    const correction = (t: number): number => Math.sqrt((1 - beta2 ** t) / (1 - beta2));
    const inverse = (k: number, t: number): number =>
      (1 - beta1 ** t) / (rate(steps) * (1 - beta1) * units(k) * correction(t));
    return {
      gradientFactor: perStep(steps, (k) => beta1 ** -k),
      toSquares: perStep(steps, units),
      inverseStep: perStep(steps, inverse),
      epsilon: perStep(steps, (k, t) => (inverse(k, t) * epsilon * correction(t)) / beta2 ** (k / 2)),
    };
  },
  update: (graph, { weight, shape, gradient, slots: [mean = '', squares = ''], numbers }) => {
    const { toSquares = '', inverseStep = '', epsilon: small = '' } = numbers;
    const newMean = graph.op('Add', [mean, gradient]);
    const rescaled = graph.op('Mul', [gradient, toSquares]);
    const newSquares = graph.op('Add', [squares, graph.op('Mul', [rescaled, rescaled])]);
    const divisor = affine(graph, graph.op('Sqrt', [newSquares]), { factor: inverseStep, added: small });
    const change = graph.op('Div', [newMean, reshape(graph, divisor, shape)]);
    return { weight: graph.op('Sub', [weight, change]), slots: [newMean, newSquares] };
  },
  fade: (steps) => [beta1 ** steps, beta2 ** steps],
};

const rate = (steps: StepRange): number => Math.max(steps.rate, LEAST_RATE);
