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
  return summariseCounts({ predictions, labels: labelled.length, correct });
}

/** The same from what was counted before. */
export const summariseCounts = (
  counts: Pick<LabelledSummary, 'predictions' | 'labels' | 'correct'>,
): LabelledSummary => ({
  ...counts,
  coverage: counts.predictions === 0 ? null : counts.labels / counts.predictions,
  accuracy: wilson(counts.correct, counts.labels),
});

/** One line for people. Simulated labels are never passed off as what people said. */
export function feedbackText({ mode, real, simulated }: FeedbackSummary): string {
  if (mode === 'none') return 'no labels yet';
  const { labels, accuracy, coverage } = mode === 'real' ? real : simulated;
  const kind = mode === 'real' ? 'labels' : 'SIMULATED labels: says nothing about your users';
  if (accuracy === null) return `0 ${kind} for this champion yet`;
  const shown = (value: number): string => value.toFixed(4);
  const interval = `${shown(accuracy.low)} to ${shown(accuracy.high)}`;
  const share =
    mode === 'real' && coverage !== null ? `, ${(100 * coverage).toFixed(1)} % of its answers are labelled` : '';
  return `accuracy ${shown(accuracy.value)} (${interval}) on ${labels} ${kind}${share}`;
}

/** Labels that do less than they could, one line each for people. */
export function unusedLabels({ withoutInput, unmatched }: Pick<FeedbackState, 'withoutInput' | 'unmatched'>): string[] {
  const lines: string[] = [];
  if (withoutInput > 0) {
    const count = withoutInput === 1 ? '1 labelled prediction has' : `${withoutInput} labelled predictions have`;
    lines.push(
      `${count} no input on record: counted, but nothing can be learned from it (log.inputs in pipeline.yaml)`,
    );
  }
  if (unmatched > 0) {
    const count = unmatched === 1 ? '1 label names a prediction' : `${unmatched} labels name predictions`;
    lines.push(`${count} that nobody has on record, and counts for nothing until it comes`);
  }
  return lines;
}
