import { EXIT } from '../exit-code.ts';
import { defineFailure } from './define.ts';

/** Faults of fitting, searching and loading models. */
export const trainFailures = {
  TRAIN_DIVERGED: defineFailure<{ readonly epoch: number; readonly loss: string; readonly learningRate: number }>({
    exit: EXIT.stageFailed,
    text: ({ epoch, loss, learningRate }) =>
      `Training diverged: the loss became ${loss} in epoch ${epoch} at learning rate ${learningRate}.`,
    hint: () => 'Lower learningRate, or check the data for values far outside 0 to 255.',
  }),
} as const;
