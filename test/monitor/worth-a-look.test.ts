import { describe, expect, test } from 'vitest';
import type { DriftReference } from '../../lib/domain/drift.ts';
import { histograms } from '../../lib/monitor/drift/histograms.ts';
import { makeReference } from '../../lib/monitor/drift/reference.ts';
import { leastSure, surestWrong } from '../../lib/monitor/worth-a-look.ts';

const answer = (id: string, probabilities: number[], label?: number) => ({
  id,
  predicted: probabilities.indexOf(Math.max(...probabilities)),
  probabilities,
  label,
});

const answers = [
  answer('sure', [0.9, 0.1, 0]),
  answer('torn', [0.5, 0.49, 0.01]),
  // Less probable than 'torn', but the second is far behind.
  answer('vague', [0.4, 0.3, 0.3]),
  answer('torn, labelled', [0.5, 0.5, 0], 0),
  answer('wrong', [0.6, 0.4, 0], 1),
  answer('surely wrong', [0, 0.01, 0.99], 1),
];

test('a label is worth most where the two largest probabilities are nearest, and nobody has said', () => {
  expect(leastSure(answers, 2).map(({ id }) => id)).toEqual(['torn', 'vague']);
  expect(leastSure(answers, 9)).toHaveLength(3);
});

test('the worst mistakes are those the model was surest of', () => {
  expect(surestWrong(answers, 9).map(({ id }) => id)).toEqual(['surely wrong', 'wrong']);
});

describe('histograms', () => {
  const rowsOf = (values: number[], predicted: number[]) => ({
    rows: values.length,
    probabilities: Float32Array.from(predicted.flatMap((one) => (one === 0 ? [1, 0] : [0.25, 0.75]))),
    predicted,
    labels: [],
    inputs: [{ name: 'intensity', values: Float32Array.from(values) }],
  });
  const reference: DriftReference = makeReference({
    answers: rowsOf([0, 1, 1, 2], [0, 0, 0, 1]),
    classes: ['a', 'b'],
    seed: 1,
  });
  const shown = histograms(reference, rowsOf([2, 4], [1, 1]));

  test('are of the classes, the confidence and the inputs, as shares over the same bins', () => {
    expect(shown.map(({ title }) => title)).toEqual(['predicted class', 'confidence', 'intensity']);
    expect(shown[0]).toEqual({ title: 'predicted class', names: ['a', 'b'], reference: [0.75, 0.25], window: [0, 1] });
    const { names = [], reference: expected = [], window = [] } = shown[2] ?? {};
    expect([names[0], names[5], names[10]]).toEqual(['0', '1', '2']);
    expect([expected[0], expected[5], expected[10]]).toEqual([0.25, 0.5, 0.25]);
    // The largest value stands in the last bin.
    expect([window[10], window[19]]).toEqual([0.5, 0.5]);
  });

  test('of values that are all the same stand in one bin', () => {
    const flat = makeReference({ answers: rowsOf([3, 3], [0, 0]), classes: ['a', 'b'], seed: 1 });
    const [, , intensity] = histograms(flat, rowsOf([3], [0]));
    expect([intensity?.reference[0], intensity?.window[0]]).toEqual([1, 1]);
  });

  test('leave out what is not on record', () => {
    const without = { ...rowsOf([2, 4], [1, 1]), inputs: [] };
    expect(histograms(reference, without).map(({ title }) => title)).toEqual(['predicted class', 'confidence']);
  });
});
