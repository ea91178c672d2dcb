import { describe, expect, test } from 'vitest';
import type { AnsweredRows } from '../../../lib/monitor/drift/answers.ts';
import { driftLines } from '../../../lib/monitor/drift/drift-text.ts';
import { inputStatistics } from '../../../lib/monitor/drift/input-statistics.ts';
import { judgeDrift } from '../../../lib/monitor/drift/judge.ts';
import { makeReference, sampleOf } from '../../../lib/monitor/drift/reference.ts';
import { createRng } from '../../../lib/util/rng.ts';

/** Answers of a model of three classes; `shift` makes it favour the first, `labelled` rows have a label. */
function answers(rows: number, seed: number, { shift = 0, labelled = 0, inputs = rows } = {}): AnsweredRows {
  const rng = createRng(seed);
  const probabilities = new Float32Array(rows * 3);
  const predicted = Array.from({ length: rows }, (_, row) => {
    const raw = [rng.next() + shift, rng.next(), rng.next()];
    const sum = raw.reduce((all, one) => all + one, 0);
    raw.forEach((one, at) => {
      probabilities[row * 3 + at] = one / sum;
    });
    return raw.indexOf(Math.max(...raw));
  });
  const values = Float32Array.from({ length: inputs }, () => rng.normal() + shift);
  const labels = predicted.slice(0, labelled);
  return { rows, probabilities, predicted, labels, inputs: [{ name: 'intensity', values }] };
}

const reference = makeReference({ answers: answers(3000, 1, { labelled: 3000 }), classes: ['a', 'b', 'c'], seed: 4 });

describe('a reference', () => {
  test('is the same for the same rows, and holds a bounded sample', () => {
    const again = makeReference({ answers: answers(3000, 1, { labelled: 3000 }), classes: ['a', 'b', 'c'], seed: 4 });
    expect(JSON.stringify(again)).toBe(JSON.stringify(reference));
    expect(reference.sampleRows).toBe(2000);
    expect(reference.columns.map(({ name }) => name)).toEqual([
      'probability of a',
      'probability of b',
      'probability of c',
      'confidence',
      'intensity',
    ]);
    for (const column of reference.columns) {
      const sample = sampleOf(column);
      expect(sample).toHaveLength(2000);
      expect([...sample]).toEqual([...sample].sort((a, b) => a - b));
      expect(column.edges).toHaveLength(9);
    }
    expect(reference.predicted.reduce((sum, count) => sum + count, 0)).toBe(3000);
  });

  test('of a hundred classes keeps the probability of the twenty most common, and stays small', () => {
    const size = 100;
    const rows = 4000;
    const many = makeReference({
      answers: {
        rows,
        probabilities: new Float32Array(rows * size).fill(1 / size),
        predicted: Array.from({ length: rows }, (_, row) => (row % 20) * 5),
        labels: [],
        inputs: [],
      },
      classes: Array.from({ length: size }, (_, at) => `c${at}`),
      seed: 1,
    });
    expect(many.columns.map((column) => column.class)).toEqual([
      ...Array.from({ length: 20 }, (_, at) => at * 5),
      null,
    ]);
    expect(JSON.stringify(many).length).toBeLessThan(600_000);
  });
});

describe('a window', () => {
  test('of 499 rows is not judged, and of 500 is', () => {
    expect(judgeDrift(reference, answers(499, 2)).verdict).toBe('not_enough_data');
    expect(judgeDrift(reference, answers(500, 2)).verdict).toBe('no_drift');
  });

  test('cannot be judged without a reference, or by a small one', () => {
    expect(judgeDrift(null, answers(500, 2))).toMatchObject({ verdict: 'no_reference', tests: [] });
    const small = makeReference({ answers: answers(499, 1), classes: ['a', 'b', 'c'], seed: 4 });
    expect(judgeDrift(small, answers(500, 2))).toMatchObject({
      verdict: 'not_enough_data',
      note: 'the reference has 499 rows, too few to judge by (500 needed)',
    });
  });

  test('alarms by the tests that see the shift, each at its part of the level', () => {
    const { verdict, tests } = judgeDrift(reference, answers(1000, 3, { shift: 0.5 }), 0.05);
    expect(verdict).toBe('drift');
    expect(tests.map(({ group, name, test: kind }) => `${group} ${name} ${kind}`)).toEqual([
      'outputs probability of a ks',
      'outputs probability of b ks',
      'outputs probability of c ks',
      'outputs confidence ks',
      'inputs intensity ks',
      'inputs intensity psi',
      'predicted class chi_squared',
      'predicted class psi',
    ]);
    for (const test of tests) expect(test.threshold).toBeCloseTo(0.05 / 8, 12);
  });

  test('with 500 labels is judged by them too', () => {
    const { tests } = judgeDrift(reference, answers(1000, 3, { labelled: 500 }));
    expect(tests.filter(({ group }) => group === 'labels')).toMatchObject([{ name: 'label', rows: 500 }]);
  });

  test('without inputs is judged by the rest, and says so', () => {
    const { tests, note } = judgeDrift(reference, answers(1000, 3, { inputs: 3 }));
    expect(tests.filter(({ group }) => group === 'inputs')).toEqual([]);
    expect(note).toBe('inputs were not looked at: 3 of 1000 are on record (log.inputs in pipeline.yaml)');
  });
});

test('a verdict names the worst alarms, and never passes replayed rows off as real ones', () => {
  const judged = judgeDrift(reference, answers(1000, 3, { shift: 0.5 }));
  const window = {
    line: 'l',
    version: 1,
    simulated: true,
    rows: 1000,
    digest: '',
    last: null,
    lastLabel: null,
    level: 0.01,
    ...judged,
  };
  expect(driftLines([window])).toEqual([
    {
      level: 'warning',
      text: 'drift in 1000 SIMULATED rows, 7 of 8 tests alarm: predicted class PSI 0.846 (p < 1e-6), predicted class chi-squared 0.441 (p < 1e-6), probability of a KS 0.460 (p < 1e-6) and 4 more',
    },
  ]);
  expect(driftLines(new Array<typeof window>(6).fill(window)).map(({ text }) => text)[0]).toBe(
    '2 of 2 earlier SIMULATED windows drift',
  );
});

describe('input statistics', () => {
  test('of images are their mean, their ink and their deviation', () => {
    const [intensity, strokeMass, spread] = inputStatistics(Uint8Array.of(0, 0, 255, 255, 51, 51, 51, 51), 2, [2, 2]);
    expect([...(intensity?.values ?? [])]).toEqual([0.5, Math.fround(0.2)]);
    expect([...(strokeMass?.values ?? [])]).toEqual([0.5, 0]);
    expect([...(spread?.values ?? [])]).toEqual([0.5, 0]);
  });

  test('of other rows are their features, while there are few', () => {
    const columns = inputStatistics(Uint8Array.of(1, 2, 3, 4, 5, 6), 2, [3]);
    expect(columns.map(({ name, values }) => [name, ...values])).toEqual([
      ['feature 0', 1, 4],
      ['feature 1', 2, 5],
      ['feature 2', 3, 6],
    ]);
    expect(inputStatistics(new Uint8Array(33), 1, [33])).toEqual([]);
  });
});
