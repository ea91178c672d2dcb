import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pairedMacroF1 } from '../../../lib/ml/metrics/paired-macro-f1.ts';
import { type AnsweredSlice, championGate, judge } from '../../../lib/monitor/gates/champion.ts';
import { compareByBootstrap } from '../../../lib/monitor/gates/compare-by-bootstrap.ts';

/** Rows of two classes in turn: the first `both` right for both models, then those only one got right, the rest wrong for both. */
function slice(
  name: string,
  rows: number,
  counts: { challenger?: number; champion?: number; neither?: number },
): AnsweredSlice {
  const { challenger = 0, champion = 0, neither = 0 } = counts;
  const labels = Int32Array.from({ length: rows }, (_, row) => row % 2);
  const answer = (right: (row: number) => boolean): Int32Array =>
    labels.map((label, row) => (right(row) ? label : 1 - label));
  const isNeither = (row: number): boolean => row >= challenger + champion && row < challenger + champion + neither;
  return {
    slice: name,
    labels,
    challenger: answer((row) => !isNeither(row) && !(row >= challenger && row < challenger + champion)),
    champion: answer((row) => !isNeither(row) && row >= challenger),
  };
}

const policy = { require: 'better', margin: 0.01, classMargin: 0.01, confidence: 0.95 } as const;
const gate = (slices: readonly AnsweredSlice[], more: Partial<Parameters<typeof championGate>[0]> = {}) =>
  championGate({ slices, classes: ['a', 'b'], policy, ...more });
const verdictOf = (rows: number, challenger: number, champion: number) =>
  gate([slice('test', rows, { challenger, champion })])[0]?.verdict;

describe('a challenger beside the champion', () => {
  test.each([
    ['clearly more often right', 1000, 40, 10, 'better'],
    ['hardly any other answers, on many rows', 5000, 12, 10, 'not_worse'],
    ['a little worse, by less than the margin', 20_000, 60, 100, 'not_worse'],
    ['clearly more often wrong', 1000, 10, 60, 'worse'],
    ['better on too few rows', 60, 5, 2, 'not_enough_evidence'],
    ['better on five rows alone: as few could fall so by chance', 10, 5, 0, 'not_worse'],
    ['no other answers on a handful of rows', 10, 0, 0, 'not_enough_evidence'],
    ['no rows', 0, 0, 0, 'not_enough_evidence'],
  ])('with %s', (_, rows, challenger, champion, verdict) =>
    expect(verdictOf(rows, challenger, champion)).toBe(verdict),
  );

  test('is told with the difference, its interval, the test and the rows', () => {
    const [row] = gate([slice('test', 1000, { challenger: 40, champion: 10 })]);
    expect(row).toMatchObject({
      gate: 'champion',
      name: 'accuracyDifference',
      slice: 'test',
      value: 0.03,
      limit: 'min',
      threshold: 0,
      rows: 1000,
      verdict: 'better',
    });
    expect(row?.low).toBeCloseTo(0.0166, 3);
    expect(row?.high).toBeCloseTo(0.0447, 3);
    expect(row?.pValue).toBeCloseTo(2.386e-5, 7);
  });

  test('who only has to be no worse is held to the margin', () => {
    const [row] = gate([slice('test', 100, {})], { policy: { ...policy, require: 'not worse' } });
    expect(row?.threshold).toBe(-0.01);
  });

  test('is looked at class by class, and needs more proof for each of many', () => {
    const rows = gate([slice('test', 400, { challenger: 0, champion: 16 })]);
    expect(rows.map(({ name, slice: where, rows: count }) => [name, where, count])).toEqual([
      ['accuracyDifference', 'test', 400],
      ['recallDifference', 'class a', 200],
      ['recallDifference', 'class b', 200],
    ]);
    // Eight of eight discordant rows: p = 0.0078, less than 0.05 / 2.
    expect(rows.map(({ verdict }) => verdict)).toEqual(['worse', 'worse', 'worse']);
    const few = gate([slice('test', 400, { challenger: 0, champion: 12 })]);
    // Six of six: p = 0.031, less than 0.05 but not than 0.05 / 2.
    expect(few.map(({ verdict }) => verdict)).toEqual(['worse', 'not_enough_evidence', 'not_enough_evidence']);
  });

  test('may lose a little in one class, by a margin of its own', () => {
    const rows = (classMargin: number) =>
      gate([slice('test', 40_000, { champion: 60 })], { policy: { ...policy, classMargin } }).map(
        ({ verdict }) => verdict,
      );
    expect(rows(0.01)).toEqual(['not_worse', 'not_worse', 'not_worse']);
    expect(rows(0)).toEqual(['not_worse', 'worse', 'worse']);
  });

  test('leaves classes out that have no row', () => {
    const one = { ...slice('test', 10, {}), labels: new Int32Array(10), challenger: new Int32Array(10) };
    const rows = gate([{ ...one, champion: new Int32Array(10) }]);
    expect(rows.map(({ slice: where }) => where)).toEqual(['test', 'class a']);
  });

  test('on two slices has to prove each with more confidence than on one', () => {
    const alone = gate([slice('test', 1000, { challenger: 17, champion: 5 })]);
    const shared = gate([
      slice('test', 1000, { challenger: 17, champion: 5 }),
      slice('feedback', 50, { challenger: 1, champion: 1 }),
    ]);
    const empty = gate([slice('test', 1000, { challenger: 17, champion: 5 }), slice('feedback', 0, {})]);
    expect(alone[0]?.verdict).toBe('better');
    expect(alone[0]?.pValue).toBeCloseTo(0.0169, 4);
    expect((shared[0]?.low ?? 1) < (alone[0]?.low ?? 0)).toBe(true);
    expect(shared[0]?.verdict).toBe('better');
    expect(gate([slice('test', 1000, { challenger: 17, champion: 6 }), slice('feedback', 50, {})])[0]?.verdict).toBe(
      'not_worse',
    );
    // A slice without rows says nothing, and costs nothing.
    expect(empty[0]).toEqual(alone[0]);
    expect(empty[1]?.verdict).toBe('not_enough_evidence');
  });

  test('as often found better as worse', () => {
    fc.assert(
      fc.property(fc.nat(80), fc.nat(80), fc.nat(2000), (b, c, more) => {
        const none = { ...policy, margin: 0 };
        const there = gate([slice('test', b + c + more, { challenger: b, champion: c })], { policy: none })[0];
        const back = gate([slice('test', b + c + more, { challenger: c, champion: b })], { policy: none })[0];
        expect(back?.verdict === 'worse').toBe(there?.verdict === 'better');
      }),
    );
  });

  test('one is never promoted for nothing more often than it says: equal models, 1,000 draws', () => {
    let better = 0;
    let seed = 1;
    const next = (): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    };
    for (let draw = 0; draw < 1000; draw++) {
      let [b, c] = [0, 0];
      for (let row = 0; row < 40; row++) next() < 0.5 ? b++ : c++;
      if (verdictOf(1000, b, c) === 'better') better += 1;
    }
    // Two-sided at 5 %, so at most 2.5 % on this side.
    expect(better / 1000).toBeLessThan(0.03);
    expect(better).toBeGreaterThan(0);
  });
});

describe('a verdict', () => {
  test.each([
    [0.001, 0.02, 0.01, 'better'],
    [0.001, 0.02, 0.06, 'not_worse'],
    [0, 0.02, 0.2, 'not_worse'],
    [-0.01, 0.02, 0.5, 'not_worse'],
    [-0.02, -0.011, 0.001, 'worse'],
    [-0.009, -0.001, 0.01, 'not_worse'],
    [-0.02, -0.011, 0.06, 'not_enough_evidence'],
    [-0.02, 0, 0.01, 'not_enough_evidence'],
    [-0.02, 0.02, 0.9, 'not_enough_evidence'],
  ] as const)('of %d to %d at p = %d is %s', (low, high, pValue, verdict) =>
    expect(judge({ interval: { value: 0, low, high }, pValue }, policy)).toBe(verdict),
  );
});

describe('macro F1', () => {
  const compare = (answered: AnsweredSlice, confidence: number) =>
    compareByBootstrap(answered, {
      name: 'macroF1Difference',
      kindsOf: (rows) => pairedMacroF1(rows, 2),
      confidence,
      seed: 5,
    });

  test('is compared by a seeded bootstrap, without a p-value', () => {
    const slices = [slice('test', 1000, { challenger: 60, champion: 10, neither: 30 })];
    const [row] = gate(slices, { compare });
    expect(row).toMatchObject({ name: 'macroF1Difference', verdict: 'better', pValue: null, rows: 1000 });
    expect(row?.value).toBeCloseTo(0.05, 2);
    expect(gate(slices, { compare })[0]).toEqual(row);
  });

  test('needs rows that tell the two apart', () => {
    const [row] = gate([slice('test', 1000, { challenger: 9 })], { compare });
    expect(row).toMatchObject({
      verdict: 'not_enough_evidence',
      value: null,
      note: '9 rows tell the two apart, 10 needed',
    });
  });

  test('of a class that nobody predicts is 0, not nothing', () => {
    const rows = slice('test', 40, { challenger: 20, neither: 20 });
    expect(gate([rows], { compare })[0]?.verdict).toBe('better');
  });
});
