import type { ModelCard } from '../domain/model.ts';

type Described = Pick<ModelCard, 'classes'> & { readonly spec: Pick<ModelCard['spec'], 'input'> };

/** Why two models cannot be asked the same question; undefined when they can. */
export function whyNotComparable(challenger: Described, champion: Described): string | undefined {
  const [shape, other] = [challenger.spec.input.join(' x '), champion.spec.input.join(' x ')];
  if (shape !== other) return `it takes rows of ${shape} values, the champion rows of ${other}`;
  const [classes, others] = [challenger.classes, champion.classes];
  if (classes.length === others.length && classes.every((name, at) => name === others[at])) return undefined;
  return `it knows the classes ${classes.join(', ')}; the champion ${others.join(', ')}`;
}
