import { describe, expect, test } from 'vitest';
import type { LabelledPrediction } from '../../lib/domain/questions.ts';
import { feedbackText, summariseFeedback } from '../../lib/monitor/feedback-summary.ts';
import { withReplayed } from '../../lib/monitor/replay.ts';

const answer = (id: number, right: boolean, simulated: boolean): LabelledPrediction => ({
  labelId: id,
  predictionId: `p${id}`,
  line: 'digits',
  version: 1,
  predicted: 3,
  label: right ? 3 : 5,
  simulated,
});

const mixed = {
  predictions: { real: 8, simulated: 4 },
  labelled: [answer(1, true, false), answer(2, false, false), answer(3, true, true), answer(4, true, true)],
};

describe('labelled answers', () => {
  test('of people and of the simulation are never one number', () => {
    const summary = summariseFeedback({ ...mixed, hasRealLabels: true });
    expect(summary.mode).toBe('real');
    expect(summary.real).toMatchObject({ predictions: 8, labels: 2, coverage: 0.25, correct: 1 });
    expect(summary.simulated).toMatchObject({ predictions: 4, labels: 2, coverage: 0.5, correct: 2 });
    expect(feedbackText(summary)).toBe(
      'accuracy 0.5000 (0.0945 to 0.9055) on 2 labels, 25.0 % of its answers are labelled',
    );
  });

  test('that are simulated are called so', () => {
    const onlySimulated = {
      ...mixed,
      labelled: mixed.labelled.filter(({ simulated }) => simulated),
      hasRealLabels: false,
    };
    expect(feedbackText(summariseFeedback(onlySimulated))).toBe(
      'accuracy 1.0000 (0.3424 to 1.0000) on 2 SIMULATED labels: says nothing about your users',
    );
  });

  test('of an older champion do not speak for this one', () => {
    const none = { predictions: { real: 0, simulated: 0 }, labelled: [], hasRealLabels: true };
    expect(feedbackText(summariseFeedback(none))).toBe('0 labels for this champion yet');
    expect(feedbackText(summariseFeedback({ ...none, hasRealLabels: false }))).toBe('no labels yet');
  });
});

test('a replay counts once, also when it is on record already', () => {
  const entry = (id: string) => ({
    predictionId: id,
    input: new Uint8Array(1),
    predicted: 3,
    probabilities: [1],
    label: 3,
  });
  const state = { ...mixed, hasRealLabels: false };
  const after = withReplayed(state, { line: 'digits', version: 1, entries: [entry('p3'), entry('new')] });
  expect(after.predictions).toEqual({ real: 8, simulated: 5 });
  expect(after.labelled).toHaveLength(5);
});
