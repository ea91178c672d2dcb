import type { Dataset } from '../data/dataset.ts';
import type { Engine } from './engine.ts';
import type { FittedClassifier } from './fit-classifier.ts';
import type { ModelToSave } from './save-model.ts';
import { hyperparametersOf, type Settings } from './settings.ts';

/** What a classifier was fitted with. */
export interface FittedWith {
  readonly dataset: Dataset;
  readonly settings: Settings;
  readonly engine: Engine;
}

/** A fitted classifier with all that its folder tells of it. */
export function modelToSave(
  { spec, transform, fitted, trained }: FittedClassifier,
  { dataset, settings, engine }: FittedWith,
): ModelToSave {
  const { classes, generated } = dataset.meta;
  const trainedOn = { rows: trained.count, generated };
  const hyperparameters = hyperparametersOf(settings);
  return { card: { spec, hyperparameters, transform, classes, trainedOn }, fitted, engine, rows: trained };
}
