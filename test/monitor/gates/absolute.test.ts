import { describe, expect, test } from 'vitest';
import type { EvaluationFile } from '../../../lib/domain/evaluation.ts';
import type { GateRecord } from '../../../lib/domain/gate.ts';
import { absoluteGate, evaluationMeasurements } from '../../../lib/monitor/gates/absolute.ts';

const score = (recall: number, support: number) => ({ precision: 0.9, recall, f1: 0.9, support });

const evaluation = (overall: Record<string, number>, perClass = [score(0.98, 60), score(0.9, 40)]): EvaluationFile => ({
  format: 'mlloop-evaluation',
  version: 1,
  rows: 100,
  generated: false,
  classes: ['0', '8'],
  models: { mine: { overall, perClass, confusion: [], calibration: [] } },
  candidate: 'mine',
});

const measured = evaluationMeasurements(evaluation({ accuracy: 0.95, logLoss: 0.2 }));

const shown = (rows: readonly GateRecord[]) =>
  rows.map(({ name, slice, limit, value, verdict }) => [name, slice, limit, value, verdict]);

describe('the absolute gate', () => {
  test('passes what is exactly at its limit', () => {
    expect(shown(absoluteGate({ accuracy: { min: 0.95 }, logLoss: { max: 0.2 } }, measured))).toEqual([
      ['accuracy', null, 'min', 0.95, 'passed'],
      ['logLoss', null, 'max', 0.2, 'passed'],
    ]);
  });

  test('checks both ends of a limit', () => {
    const checks = absoluteGate({ accuracy: { min: 0.9, max: 0.94 } }, measured);
    expect(checks.map(({ limit, verdict }) => [limit, verdict])).toEqual([
      ['min', 'passed'],
      ['max', 'refused'],
    ]);
  });

  test('holds every class to a limit on recall, each with its own rows and interval', () => {
    const rows = absoluteGate({ recall: { min: 0.95 } }, measured);
    expect(shown(rows)).toEqual([
      ['recall', 'class 0', 'min', 0.98, 'passed'],
      ['recall', 'class 8', 'min', 0.9, 'refused'],
    ]);
    expect(rows.map((row) => row.rows)).toEqual([60, 40]);
    // Wilson's interval of 36 of 40.
    expect(rows[1]?.low).toBeCloseTo(0.7695, 4);
    expect(rows[1]?.high).toBeCloseTo(0.9604, 4);
  });

  test('takes what a machine measured, too', () => {
    const machine = { sizeBytes: [{ value: 5000 }], latencyP99Ms: [{ value: 3, rows: 300 }] };
    const limits = { sizeBytes: { max: 4000 }, latencyP99Ms: { max: 10 } };
    const rows = absoluteGate(limits, { ...measured, ...machine });
    expect(shown(rows)).toEqual([
      ['sizeBytes', null, 'max', 5000, 'refused'],
      ['latencyP99Ms', null, 'max', 3, 'passed'],
    ]);
    expect(rows.map((row) => row.rows)).toEqual([null, 300]);
  });

  test.each([
    ['is missing', {}, 'there is no such number; there are f1, precision, recall'],
    ['is not a number', { accuracy: Number.NaN }, 'it is not a number'],
    ['was no number when it was written as JSON', { accuracy: null as unknown as number }, 'it is not a number'],
  ])('refuses a metric that %s: nothing proves it', (_, overall, note) => {
    const rows = absoluteGate({ accuracy: { min: 0, max: 1 } }, evaluationMeasurements(evaluation(overall)));
    expect(rows.map(({ verdict, value }) => [verdict, value])).toEqual([
      ['refused', null],
      ['refused', null],
    ]);
    expect(rows[0]?.note).toBe(note);
  });

  test('refuses a class the test set has no row of', () => {
    const without = evaluationMeasurements(evaluation({}, [score(0.98, 60), score(0, 0)]));
    const [, second] = absoluteGate({ recall: { min: 0.5 } }, without);
    expect([second?.verdict, second?.value, second?.note]).toEqual(['refused', null, 'the test set has no such row']);
  });

  test('refuses what was measured on no rows at all', () => {
    const empty = evaluationMeasurements({ ...evaluation({ accuracy: 0, logLoss: 0 }), rows: 0 });
    const rows = absoluteGate({ accuracy: { min: 0 }, logLoss: { max: 1 } }, empty);
    expect(rows.map(({ verdict, value, note }) => [verdict, value, note])).toEqual([
      ['refused', null, 'the test set has no rows'],
      ['refused', null, 'the test set has no rows'],
    ]);
  });

  test.each([
    ['no limit', {}],
    ['a limit without an end', { accuracy: {} }],
  ])('refuses every model that %s is set for', (_, limits) => {
    const [row, ...more] = absoluteGate(limits, measured);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ name: 'limits', value: 0, verdict: 'refused', note: 'no limit is declared' });
  });

  test('has nothing to say of an evaluation without its candidate', () => {
    const rows = absoluteGate({ accuracy: { min: 0.1 } }, evaluationMeasurements({ ...evaluation({}), models: {} }));
    expect(shown(rows)).toEqual([['accuracy', null, 'min', null, 'refused']]);
  });
});
