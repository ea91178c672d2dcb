import { EXIT } from '../exit-code.ts';
import { defineFailure } from './define.ts';

/** Faults of retraining on a schedule. */
export const retrainFailures = {
  RETRAIN_NO_STATE: defineFailure<{ readonly file: string }>({
    exit: EXIT.usage,
    text: ({ file }) => `There is no ${file}: nothing says which model is live, so no gate could protect it.`,
    hint: () => 'Bring the state back, or make the first runs.db on purpose with: npm run retrain -- --bootstrap',
  }),
} as const;
