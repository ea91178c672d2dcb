import type { OptimizerName } from '../../../domain/model.ts';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import { momentum } from './momentum.ts';
import { rmsprop } from './rmsprop.ts';
import type { OptimizerRule } from './rule.ts';
import { sgd } from './sgd.ts';

/** Every optimiser this engine knows. */
export const OPTIMIZER_RULES: Readonly<Record<OptimizerName, OptimizerRule>> = {
  sgd,
  momentum,
  adagrad,
  rmsprop,
  adam,
};

export const isKnownOptimizer = (name: string): boolean => Object.hasOwn(OPTIMIZER_RULES, name);
