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
  TRAIN_BAD_VALUE: defineFailure<{ readonly row: number; readonly column: number; readonly value: string }>({
    exit: EXIT.usage,
    text: ({ row, column, value }) =>
      `The data hold ${value} in row ${row}, value ${column}: nothing can be learned from it.`,
    hint: () => 'Leave such rows out, or fill the value in, where the dataset is written.',
  }),
  TRAIN_BAD_SHAPE: defineFailure<{
    readonly layer: string;
    readonly problem: string;
    readonly input: readonly number[];
  }>({
    exit: EXIT.usage,
    text: ({ layer, problem, input }) => `The layers do not fit rows of ${input.join(' x ')}: ${layer}: ${problem}.`,
    hint: () => 'See the stage’s param layers; docs/engines.md lists what each layer takes and gives.',
  }),
  TRAIN_ENGINE_REFUSED: defineFailure<{ readonly engine: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ engine, problem }) => `The engine ${engine} cannot be used: ${problem}.`,
    hint: () => 'Leave it to engine: auto, which takes another where one does not do.',
  }),
  TRAIN_NOT_A_MODEL: defineFailure<{ readonly folder: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ folder, problem }) => `${folder} is not a model that can be loaded: ${problem}.`,
  }),
  TRAIN_BAD_FEATURES: defineFailure<{ readonly features: readonly string[] }>({
    exit: EXIT.usage,
    text: ({ features }) =>
      `A model takes one feature column; the dataset has ${features.length}: ${features.join(', ')}.`,
  }),
  TRAIN_TOO_FEW_CLASSES: defineFailure<{ readonly classes: readonly string[] }>({
    exit: EXIT.usage,
    text: ({ classes }) =>
      `A classifier needs two classes or more; the dataset has ${classes.length}: ${classes.join(', ')}.`,
  }),
  TASK_WORKER_DIED: defineFailure<{ readonly task: string; readonly tries: number; readonly how: string }>({
    exit: EXIT.stageFailed,
    isTransient: true,
    text: ({ task, tries, how }) => `The worker of task '${task}' died ${tries} times, the last time ${how}.`,
    hint: () => 'Often this is the system running out of memory; try fewer --workers.',
  }),
  TASK_UNKNOWN: defineFailure<{ readonly task: string; readonly known: readonly string[] }>({
    exit: EXIT.stageFailed,
    text: ({ task, known }) => `The stage exports no task '${task}'; it exports ${known.join(', ') || 'none'}.`,
  }),
  SEARCH_EMPTY_GRID: defineFailure<{ readonly name: string }>({
    exit: EXIT.usage,
    text: ({ name }) => (name === '' ? 'The grid is empty.' : `The grid gives no values for '${name}'.`),
    hint: () => 'Write at least one name with at least one value, as in grid: { hidden: [[64], [100]] }.',
  }),
  SEARCH_IDLE_AXIS: defineFailure<{ readonly name: string }>({
    exit: EXIT.usage,
    text: ({ name }) =>
      `The grid's '${name}' would change nothing: the model is a list of layers, which have their own.`,
    hint: () => 'Vary layers, or name hidden as well, which takes the place of the list.',
  }),
  SEARCH_ALL_FAILED: defineFailure<{ readonly trials: number; readonly first: string }>({
    exit: EXIT.stageFailed,
    text: ({ trials, first }) => `All ${trials} candidates of the grid failed. The first: ${first}`,
  }),
} as const;
