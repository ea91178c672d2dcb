import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideNext, type RuleInputs } from '../../lib/monitor/rules.ts';
import { wilson } from '../../lib/monitor/wilson.ts';

const labelled = (correct: number, labels: number): RuleInputs['labelled'] => ({
  predictions: labels,
  labels,
  coverage: labels === 0 ? null : 1,
  correct,
  accuracy: wilson(correct, labels),
});

const inputs = (more: Partial<RuleInputs> = {}): RuleInputs => ({
  rules: { accuracyBelow: 0.93, newLabels: 500 },
  labelled: labelled(190, 200),
  simulated: false,
  newLabels: 200,
  givenBack: 0,
  windows: [],
  round: 0,
  maxRounds: 1,
  ...more,
});

describe('a decision', () => {
  test('keeps when no rule fires, and says what each saw', () => {
    expect(decideNext(inputs())).toEqual({
      verdict: 'keep',
      reason: 'no rule fired',
      rules: [
        {
          name: 'accuracyBelow',
          threshold: 0.93,
          value: wilson(190, 200)?.high,
          fired: false,
          note: '0.9500 (0.9104 to 0.9726) on 200 labels: at most 0.9726 >= 0.93',
        },
        { name: 'newLabels', threshold: 500, value: 200, fired: false, note: '200 new labels < 500' },
      ],
    });
  });

  test('retrains when a rule fires', () => {
    const { verdict, reason } = decideNext(inputs({ labelled: labelled(150, 200), newLabels: 500 }));
    expect([verdict, reason]).toEqual([
      'retrain',
      'accuracyBelow: 0.7500 (0.6857 to 0.8049) on 200 labels: at most 0.8049 < 0.93; newLabels: 500 new labels >= 500',
    ]);
  });

  test('does not go round for ever', () => {
    const { verdict, reason } = decideNext(inputs({ newLabels: 500, round: 1 }));
    expect([verdict, reason]).toEqual(['keep', 'newLabels: 500 new labels >= 500; but maxRounds 1 is reached']);
  });

  test('does not judge accuracy from a few labels', () => {
    const { verdict, rules } = decideNext(inputs({ labelled: labelled(0, 99) }));
    expect([verdict, rules[0]?.note, rules[0]?.value]).toEqual([
      'keep',
      '99 labels, too few to judge (100 needed)',
      null,
    ]);
  });

  test('calls simulated labels simulated wherever it counts them', () => {
    const { rules } = decideNext(
      inputs({ simulated: true, rules: { ...inputs().rules, drift: { windows: 2, of: 3 } } }),
    );
    expect(rules.map(({ note }) => note)).toEqual([
      '0.9500 (0.9104 to 0.9726) on 200 SIMULATED labels: at most 0.9726 >= 0.93',
      '200 new SIMULATED labels < 500',
      'no SIMULATED window was judged yet',
    ]);
  });

  test('does not take a low share of right answers for a low accuracy while chance explains it', () => {
    const { verdict, rules } = decideNext(inputs({ labelled: labelled(180, 200) }));
    expect([verdict, rules[0]?.note]).toEqual([
      'keep',
      '0.9000 (0.8506 to 0.9343) on 200 labels: at most 0.9343 >= 0.93',
    ]);
  });

  test('does not judge accuracy from what few people cared to label', () => {
    const { verdict, rules } = decideNext(inputs({ labelled: { ...labelled(0, 200), coverage: 0.04 } }));
    expect([verdict, rules[0]?.note, rules[0]?.value]).toEqual([
      'keep',
      '0.0000 (0.0000 to 0.0188) on 200 labels of 4 % of the answers: provisional until 10 %',
      null,
    ]);
  });

  test('keeps while there is nothing new to learn from', () => {
    const { verdict, reason } = decideNext(inputs({ labelled: labelled(100, 200), newLabels: 0 }));
    expect(verdict).toBe('keep');
    expect(reason).toMatch(/^accuracyBelow: .*; but there is nothing new to learn from: no label waits$/);
  });

  test.each([
    [1, 0, 'only 1 new label waits'],
    [99, 0, 'only 99 new labels wait'],
    [99, 200, 'beside the 200 a gate refused only 99 new labels wait'],
  ])(
    'asks for as many labels to try again for accuracy alone as to judge it: %d beside %d',
    (newLabels, givenBack, said) => {
      const low = { labelled: labelled(100, 200), newLabels, givenBack };
      const { verdict, reason, rules } = decideNext(inputs(low));
      expect([verdict, rules[0]?.fired]).toEqual(['keep', true]);
      expect(reason).toBe(
        `accuracyBelow: 0.5000 (0.4314 to 0.5686) on 200 labels: at most 0.5686 < 0.93; but ${said}: for accuracy alone it takes 100`,
      );
      expect(decideNext(inputs({ ...low, newLabels: 100 })).verdict).toBe('retrain');
      const drift = {
        rules: { accuracyBelow: 0.93, drift: { windows: 2, of: 2 } },
        windows: ['drift', 'drift'],
      } as const;
      expect(decideNext(inputs({ ...low, ...drift })).verdict).toBe('retrain');
    },
  );

  test('without rules keeps', () => {
    expect(decideNext(inputs({ rules: {} }))).toEqual({ verdict: 'keep', reason: 'no rule fired', rules: [] });
  });
});

describe('the rule on drift', () => {
  const decided = (...windows: RuleInputs['windows']) =>
    decideNext(inputs({ rules: { drift: { windows: 2, of: 3 } }, windows }));

  test.each([
    [[], 'keep', null, 'no window was judged yet'],
    [['drift'], 'keep', 1, '1 of the last 1 windows < 2'],
    [['drift', 'drift'], 'retrain', 2, '2 of the last 2 windows >= 2'],
    [['drift', 'no_drift', 'no_drift', 'drift'], 'keep', 1, '1 of the last 3 windows < 2'],
    [['no_drift', 'drift', 'drift', 'drift'], 'retrain', 2, '2 of the last 3 windows >= 2'],
  ] as const)('after %j, newest first: %s', (windows, verdict, value, note) => {
    const decision = decided(...windows);
    expect(decision.verdict).toBe(verdict);
    expect(decision.rules).toEqual([{ name: 'drift', threshold: 2, value, fired: verdict === 'retrain', note }]);
  });

  test('never fires for one window, whatever comes before and after it', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), (before, later) => {
        const quiet = (count: number) => new Array<'no_drift'>(count).fill('no_drift');
        const { verdict } = decided(...quiet(before), 'drift', ...quiet(later));
        expect(verdict).toBe('keep');
      }),
    );
  });
});
