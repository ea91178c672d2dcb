import type { PredictionEntry } from '../domain/effects.ts';
import type { FeedbackState, LabelledPrediction } from '../domain/questions.ts';

type State = Pick<FeedbackState, 'predictions' | 'labelled' | 'hasRealLabels'>;

export interface Replayed {
  readonly line: string;
  readonly version: number;
  readonly entries: readonly PredictionEntry[];
}

/** The state as it will be once replayed answers are on record; those that are there already count once. */
export function withReplayed(state: State, { line, version, entries }: Replayed): State {
  const known = new Set(state.labelled.map(({ predictionId }) => predictionId));
  const added = entries.flatMap(({ predictionId, predicted, label }): LabelledPrediction[] =>
    label === undefined || known.has(predictionId)
      ? []
      : [{ labelId: 0, predictionId, line, version, predicted, label, simulated: true }],
  );
  const { real, simulated } = state.predictions;
  return {
    ...state,
    predictions: { real, simulated: simulated + added.length },
    labelled: [...state.labelled, ...added],
  };
}
