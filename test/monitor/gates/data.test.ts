import { describe, expect, test } from 'vitest';
import { createDataset } from '../../../lib/data/dataset.ts';
import { datasetStatistics } from '../../../lib/data/statistics.ts';
import type { CleaningReport, DataProfile, DataReference, DataStatistics } from '../../../lib/domain/data-profile.ts';
import type { GateRecord } from '../../../lib/domain/gate.ts';
import { dataGate } from '../../../lib/monitor/gates/data.ts';
import { createRng } from '../../../lib/util/rng.ts';
import { unwrap } from '../../data/failed.ts';

interface Made {
  readonly rows?: number;
  readonly classes?: readonly string[];
  /** How often each class comes up, relative to each other. */
  readonly weights?: readonly number[];
  /** What becomes of a row of six values, each between 20 and 220 and larger to the right. */
  readonly change?: (row: number[]) => number[];
  readonly type?: 'uint8' | 'float32';
  readonly name?: string;
  readonly seed?: number;
}

/** Rows of six values as statistics. */
function made(options: Made = {}): DataStatistics {
  const {
    rows = 2000,
    classes = ['a', 'b', 'c', 'd'],
    change = (row) => row,
    type = 'uint8',
    name = 'pixels',
    seed = 1,
  } = options;
  const weights = options.weights ?? classes.map(() => 1);
  const rng = createRng(seed);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const label = Int32Array.from({ length: rows }, () => {
    const drawn = rng.next() * all;
    let upTo = 0;
    const at = weights.findIndex((weight) => {
      upTo += weight;
      return drawn < upTo;
    });
    return at < 0 ? classes.length - 1 : at;
  });
  const values = Array.from({ length: rows }, () =>
    change([0, 1, 2, 3, 4, 5].map((at) => 20 + at * 30 + rng.int(50))),
  ).flat();
  const data = type === 'uint8' ? Uint8Array.from(values) : Float32Array.from(values);
  const width = rows === 0 ? 6 : values.length / rows;
  return datasetStatistics(unwrap(createDataset({ columns: { label, [name]: { data, shape: [width] } }, classes })));
}

const CLEAN: CleaningReport = {
  blank: 0,
  badLabel: 0,
  duplicateInTrain: 0,
  duplicateInTest: 0,
  trainAlsoInTest: 0,
  conflicting: 0,
};

const profile = (
  more: Partial<DataProfile> & { readonly train?: DataStatistics; readonly test?: DataStatistics } = {},
): DataProfile => {
  const { train = made(), test: held = made({ seed: 2 }), ...rest } = more;
  return { collected: 1000, cleaning: CLEAN, statistics: { train, test: held }, leaked: 0, limits: {}, ...rest };
};

const against = (statistics: DataStatistics): DataReference => ({ kind: 'statistics', statistics });
const usual = against(made({ seed: 3 }));
const NONE: DataReference = { kind: 'none', verdict: 'first_model', note: 'nothing is live yet' };

const judge = (given: DataProfile, reference: DataReference = usual) => dataGate(given, reference);
const rowOf = (rows: readonly GateRecord[], name: string): GateRecord => {
  const row = rows.find((one) => one.name === name);
  if (row === undefined) throw new Error(`no check ${name}`);
  return row;
};
const verdictOf = (rows: readonly GateRecord[], name: string): string => rowOf(rows, name).verdict;

describe('rows like those of the champion', () => {
  test('pass every check, each with its value, its limit and its rows', () => {
    const rows = judge(profile());
    expect(rows.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'missing passed',
      'badLabels passed',
      'blank passed',
      'duplicates passed',
      'conflicts passed',
      'trainAlsoInTest passed',
      'leakage passed',
      'rarestClass passed',
      'testClasses passed',
      'testValues passed',
      'schema passed',
      'rows passed',
      'range passed',
      'values passed',
      'layout passed',
      'classBalance passed',
    ]);
    for (const row of rows) {
      expect(row.gate).toBe('data');
      expect(row.threshold, row.name).not.toBeNull();
      expect(row.value, row.name).not.toBeNull();
      if (row.name !== 'schema') expect(row.rows, row.name).toBeGreaterThan(0);
    }
  });

  test('without a reference say so in a row of its own, and are still looked at by themselves', () => {
    const rows = judge(profile(), NONE);
    expect(rows.at(-1)).toMatchObject({ name: 'reference', verdict: 'first_model', note: 'nothing is live yet' });
    expect(rows.map(({ name }) => name)).not.toContain('values');
    const lost = judge(profile(), { ...NONE, verdict: 'no_reference', note: 'it is gone' });
    expect(lost.at(-1)).toMatchObject({ verdict: 'no_reference', note: 'it is gone' });
  });

  test('drawn again and again raise hardly any alarm', () => {
    let alarms = 0;
    for (let draw = 0; draw < 60; draw++) {
      const given = profile({
        train: made({ seed: 100 + draw, rows: 600 }),
        test: made({ seed: 900 + draw, rows: 600 }),
      });
      alarms += judge(given, against(made({ seed: 5, rows: 600 }))).filter(
        ({ verdict }) => verdict === 'warning' || verdict === 'refused',
      ).length;
    }
    expect(alarms).toBe(0);
  });
});

describe('what cleaning saw', () => {
  const cleaned = (more: Partial<CleaningReport>) => judge(profile({ cleaning: { ...CLEAN, ...more } }));

  test.each([
    ['badLabels', { badLabel: 1 }, 'warning', 0.001],
    ['badLabels', { badLabel: 51 }, 'refused', 0.051],
    ['blank', { blank: 10 }, 'passed', 0.01],
    ['blank', { blank: 11 }, 'warning', 0.011],
    ['blank', { blank: 201 }, 'refused', 0.201],
    ['duplicates', { duplicateInTrain: 15, duplicateInTest: 10 }, 'warning', 0.025],
    ['duplicates', { duplicateInTrain: 501 }, 'refused', 0.501],
    ['conflicts', { conflicting: 2 }, 'warning', 0.002],
    ['conflicts', { conflicting: 60 }, 'refused', 0.06],
    ['trainAlsoInTest', { trainAlsoInTest: 2 }, 'warning', 0.002],
    ['trainAlsoInTest', { trainAlsoInTest: 201 }, 'refused', 0.201],
  ])('%s of %o: %s', (name, report, verdict, value) => {
    expect(rowOf(cleaned(report), name)).toMatchObject({ verdict, value, rows: 1000 });
  });

  test('of no rows at all is no share of them', () => {
    expect(rowOf(judge(profile({ collected: 0 })), 'duplicates').value).toBe(0);
  });
});

describe('by themselves', () => {
  test('a test row that is also a training row is refused', () => {
    expect(rowOf(judge(profile({ leaked: 1 })), 'leakage')).toMatchObject({
      verdict: 'refused',
      value: 1,
      threshold: 0,
    });
  });

  test('values that are no number are refused', () => {
    const broken = made({ type: 'float32', change: ([first, ...more]) => [Number.NaN, first ?? 0, ...more.slice(1)] });
    expect(rowOf(judge(profile({ train: broken }), NONE), 'missing')).toMatchObject({
      verdict: 'refused',
      slice: 'pixels',
    });
  });

  test('a class that hardly comes up is told', () => {
    const rows = judge(profile({ train: made({ weights: [10, 10, 10, 0.3] }) }), NONE);
    expect(rowOf(rows, 'rarestClass')).toMatchObject({ verdict: 'warning' });
    expect(rowOf(rows, 'rarestClass').note).toMatch(/^d with \d+$/);
  });

  test('a test set unlike the training rows is told, and no more', () => {
    const rows = judge(
      profile({ test: made({ change: (row) => row.map((value) => 255 - value), weights: [9, 1, 1, 1] }) }),
      NONE,
    );
    expect([verdictOf(rows, 'testValues'), verdictOf(rows, 'testClasses')]).toEqual(['warning', 'warning']);
  });

  test('one class alone is judged without falling over', () => {
    const one = made({ classes: ['a'] });
    expect(judge(profile({ train: one, test: one }), against(one)).every(({ verdict }) => verdict === 'passed')).toBe(
      true,
    );
  });

  test('an empty test set is judged without falling over', () => {
    const rows = judge(profile({ test: made({ rows: 0 }) }));
    expect(rows.filter(({ name }) => name === 'testClasses')).toEqual([]);
    expect(verdictOf(rows, 'testValues')).toBe('passed');
    expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
  });
});

describe('beside the reference', () => {
  const change = (train: DataStatistics, reference = usual) => judge(profile({ train }), reference);

  test.each([
    ['another type', made({ type: 'float32' }), 'pixels is float32 [6], was uint8 [6]', 1],
    ['another shape', made({ change: (row) => row.slice(1) }), 'pixels is uint8 [5], was uint8 [6]', 1],
    ['another name', made({ name: 'image' }), 'the feature image is new; the feature pixels is gone', 2],
    ['a new class', made({ classes: ['a', 'b', 'c', 'd', 'e'] }), 'the class e is new', 1],
    ['a class that is gone', made({ classes: ['a', 'b', 'd'] }), 'the class c is gone', 1],
    ['classes in another order', made({ classes: ['b', 'a', 'c', 'd'] }), 'the classes stand in another order', 1],
  ])('%s is refused', (_, train, note, value) => {
    expect(rowOf(change(train), 'schema')).toMatchObject({ verdict: 'refused', note, value });
  });

  test('values of another scale are refused', () => {
    const rows = change(
      made({ change: (row) => row.map((value) => value / 255), type: 'float32' }),
      against(made({ type: 'float32' })),
    );
    expect(verdictOf(rows, 'values')).toBe('refused');
    // Little of it lies outside the range: the range alone would not have seen it.
    expect(verdictOf(rows, 'range')).not.toBe('refused');
  });

  test('values that have moved a little are told', () => {
    const rows = change(made({ change: (row) => row.map((value) => value + 9) }));
    expect(rowOf(rows, 'values')).toMatchObject({ verdict: 'warning', slice: 'pixels' });
    expect(rowOf(rows, 'range')).toMatchObject({ verdict: 'passed', note: '29 to 228, was 20 to 219' });
    const further = change(made({ change: ([, ...more]) => [250, ...more] }));
    expect(rowOf(further, 'range')).toMatchObject({ verdict: 'warning', note: '50 to 250, was 20 to 219' });
  });

  test('values far outside the range are refused', () => {
    const rows = change(
      made({ change: ([, ...more]) => [900, ...more], type: 'float32' }),
      against(made({ type: 'float32' })),
    );
    expect(verdictOf(rows, 'range')).toBe('refused');
  });

  test('rows that lie the other way round are refused, though every value is there', () => {
    const rows = change(made({ change: (row) => row.toReversed() }));
    expect(verdictOf(rows, 'values')).toBe('passed');
    expect(verdictOf(rows, 'layout')).toBe('refused');
  });

  test('another balance of classes is told, and a quite different one refused', () => {
    expect(verdictOf(change(made({ weights: [5, 4, 4, 3] })), 'classBalance')).toBe('warning');
    expect(verdictOf(change(made({ weights: [9, 1, 1, 1] })), 'classBalance')).toBe('refused');
  });

  test('far fewer rows are told', () => {
    expect(rowOf(change(made({ rows: 900 })), 'rows')).toMatchObject({ verdict: 'warning', value: 0.45 });
  });

  test('few rows say nothing of a distribution, and nothing is refused for it', () => {
    const few = change(made({ rows: 40, change: (row) => row.toReversed().map((value) => value + 20) }));
    expect([verdictOf(few, 'values'), verdictOf(few, 'layout')]).toEqual([
      'not_enough_evidence',
      'not_enough_evidence',
    ]);
    const balance = rowOf(change(made({ rows: 12, weights: [3, 1, 1, 1], seed: 4 })), 'classBalance');
    expect(balance.verdict).toBe('not_enough_evidence');
    expect(balance.pValue).toBeGreaterThan(0.001);
  });

  test('a value that never changed is measured by itself', () => {
    const constant = (value: number) => made({ change: () => [value, value, value, value, value, value] });
    expect(verdictOf(change(constant(7), against(constant(7))), 'values')).toBe('passed');
    expect(verdictOf(change(constant(9), against(constant(7))), 'values')).toBe('refused');
  });
});

describe('limits', () => {
  const bad = { cleaning: { ...CLEAN, badLabel: 100 } };

  test('may be moved, each by itself', () => {
    const rows = judge(profile({ ...bad, limits: { badLabels: { error: 0.2 } } }));
    // The usual warning stays.
    expect(rowOf(rows, 'badLabels')).toMatchObject({ verdict: 'warning', threshold: 0 });
    const both = judge(profile({ ...bad, limits: { badLabels: { warn: 0.2, error: 0.2 } } }));
    expect(rowOf(both, 'badLabels')).toMatchObject({ verdict: 'passed', threshold: 0.2 });
  });

  test('may turn what is told into what is refused', () => {
    const given = profile({ train: made({ rows: 900 }), limits: { rows: { error: 0.5 } } });
    expect(rowOf(judge(given), 'rows')).toMatchObject({ verdict: 'refused', limit: 'min', threshold: 0.5 });
  });
});
