import { isForgotten } from '../../runlog/forget.ts';
import type { RunLog } from '../../runlog/open.ts';
import { findPrediction, insertPredictions } from '../../runlog/predictions.ts';
import { versionOfModel } from '../../runlog/registry.ts';
import {
  type CarriedAnswer,
  carriedBetween,
  carriedOrigin,
  stageCarried,
} from '../../runlog/staged/carried-answers.ts';
import type { ShapeOf } from './import-feedback.ts';
import type { CarriedPrediction } from './row.ts';

export interface CarriedTaker {
  /** Puts an answer on the stage that nobody knows; false where it is known. The text that comes back says why it cannot be. */
  take(id: string, prediction: CarriedPrediction, seq: number): boolean | string;
}

export function carriedTaker(log: RunLog, shapeOf: ShapeOf): CarriedTaker {
  const isKnown = (id: string, seq: number): boolean =>
    findPrediction(log, id) !== undefined || isForgotten(log, id) || carriedOrigin(log, id, seq) !== undefined;
  return {
    take: (id, prediction, seq) => {
      if (isKnown(id, seq)) return false;
      const answer = readAnswer(log, prediction, shapeOf);
      if (typeof answer === 'string') return answer;
      stageCarried(log, { ...answer, predictionId: id, seq });
      return true;
    },
  };
}

function readAnswer(
  log: RunLog,
  { model, line, predicted, probabilities, input, source, at }: CarriedPrediction,
  shapeOf: ShapeOf,
): Omit<CarriedAnswer, 'predictionId' | 'seq'> | string {
  const version = versionOfModel(log, model, line);
  if (version === undefined) {
    return `the model that answered, ${line} ${model.slice(0, 12)}, is not registered here; models import or state import brings it`;
  }
  const { classes, features } = shapeOf(version.line, version.version);
  const number = classes.indexOf(predicted);
  if (number < 0)
    return `what was predicted, '${predicted.slice(0, 40)}', is no class; the classes are ${classes.join(', ')}`;
  if (probabilities.length !== classes.length) {
    return `it has ${probabilities.length} probabilities, and the model ${classes.length} classes`;
  }
  if (input !== null && features !== undefined && input.length !== features) {
    return `its input has ${input.length} bytes, and the model is asked about ${features}`;
  }
  return { ...version, predicted: number, probabilities, input, source, at };
}

/** Puts the answers on record that came between two places of the file, and gives how many. The caller holds the transaction. */
export function landCarried(
  log: RunLog,
  { from, to }: { readonly from: number; readonly to: number },
  shapeOf: ShapeOf,
) {
  let predictions = 0;
  for (const answer of carriedBetween(log, from, to)) {
    const { line, version, source, at } = answer;
    const { classes } = shapeOf(line, version);
    predictions += insertPredictions(log, { line, version, simulated: false, source, at, classes }, [answer]).added;
  }
  return predictions;
}
