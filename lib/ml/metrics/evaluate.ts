import { type ConfusionMatrix, confusionMatrix, predictedClasses } from './confusion.ts';
import { accuracyOf, type ClassScore, classScores, macro } from './per-class.ts';
import { type CalibrationBin, calibrationBins, calibrationError, logLoss } from './probabilistic.ts';

/** Everything that is said of a classifier's answers. */
export interface Evaluation {
  readonly rows: number;
  readonly accuracy: number;
  readonly logLoss: number;
  readonly macroPrecision: number;
  readonly macroRecall: number;
  readonly macroF1: number;
  readonly calibrationError: number;
  readonly perClass: readonly ClassScore[];
  readonly confusion: ConfusionMatrix;
  readonly calibration: readonly CalibrationBin[];
  readonly predicted: Int32Array;
}

/** Names of the numbers that speak of all rows. */
export const OVERALL_METRICS = [
  'accuracy',
  'logLoss',
  'macroPrecision',
  'macroRecall',
  'macroF1',
  'calibrationError',
] as const satisfies readonly (keyof Evaluation)[];

/** Scores answers against what is true. `probabilities` is rows x classes, row-major. */
export function evaluateAnswers(actual: Int32Array, probabilities: Float32Array, classes: number): Evaluation {
  const predicted = predictedClasses(probabilities, classes);
  const confusion = confusionMatrix(actual, predicted, classes);
  const perClass = classScores(confusion);
  const calibration = calibrationBins(actual, probabilities, classes);
  return {
    rows: actual.length,
    accuracy: accuracyOf(confusion),
    logLoss: logLoss(actual, probabilities, classes),
    macroPrecision: macro(perClass, ({ precision }) => precision),
    macroRecall: macro(perClass, ({ recall }) => recall),
    macroF1: macro(perClass, ({ f1 }) => f1),
    calibrationError: calibrationError(calibration),
    perClass,
    confusion,
    calibration,
    predicted,
  };
}
