import type { FeedbackState, LabelledPrediction } from '../domain/questions.ts';
import { type Proportion, wilson } from './wilson.ts';

/** Labelled answers of one kind: of people, or of the simulation. They are never counted together. */
export interface LabelledSummary {
  readonly predictions: number;
  readonly labels: number;
  /** Labels over predictions; null without predictions. */
  readonly coverage: number | null;
  readonly correct: number;
  readonly accuracy: Proportion | null;
}

export interface FeedbackSummary {
  /** Which of the two speaks: the real ones as soon as there is one. */
  readonly mode: 'real' | 'simulated' | 'none';
  readonly real: LabelledSummary;
  readonly simulated: LabelledSummary;
}

/** Counts the champion's labelled answers, the real ones and the simulated ones each for themselves. */
export function summariseFeedback(
  state: Pick<FeedbackState, 'predictions' | 'labelled' | 'hasRealLabels'>,
): FeedbackSummary {
  const of = (isSimulated: boolean): readonly LabelledPrediction[] =>
    state.labelled.filter(({ simulated }) => simulated === isSimulated);
  const real = summarise(of(false), state.predictions.real);
  const simulated = summarise(of(true), state.predictions.simulated);
  const mode = state.hasRealLabels ? 'real' : simulated.labels > 0 ? 'simulated' : 'none';
  return { mode, real, simulated };
}

function summarise(labelled: readonly LabelledPrediction[], predictions: number): LabelledSummary {
  const correct = labelled.filter(({ predicted, label }) => predicted === label).length;
  return {
    predictions,
    labels: labelled.length,
    coverage: predictions === 0 ? null : labelled.length / predictions,
    correct,
    accuracy: wilson(correct, labelled.length),
  };
}
