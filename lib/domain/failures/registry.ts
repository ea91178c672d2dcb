import { EXIT } from '../exit-code.ts';
import { defineFailure } from './define.ts';

/** Faults of the model registry, predictions and feedback. */
export const registryFailures = {
  REGISTRY_NO_CHAMPION: defineFailure<{ readonly line: string }>({
    exit: EXIT.usage,
    text: ({ line }) => `No model of the line '${line}' is deployed yet.`,
    hint: () => 'Deploy one with: npm run pipeline',
  }),
} as const;
