import type { OptimizerRule } from './rule.ts';
import { perStep } from './rule.ts';

/** w ← w − η g; η comes with the gradient. */
export const sgd: OptimizerRule = {
  slots: [],
  numbers: [],
  numbersOf: (steps) => ({ gradientFactor: perStep(steps, () => steps.rate) }),
  update: (graph, { weight, gradient }) => ({ weight: graph.op('Sub', [weight, gradient]), slots: [] }),
  fade: () => [],
};
