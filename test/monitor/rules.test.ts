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
          value: 0.95,
          fired: false,
          note: '0.9500 (0.9104 to 0.9726) on 200 labels >= 0.93',
        },
        { name: 'newLabels', threshold: 500, value: 200, fired: false, note: '200 new labels < 500' },
      ],
    });
  });

  test('retrains when a rule fires', () => {
    const { verdict, reason } = decideNext(inputs({ labelled: labelled(150, 200), newLabels: 500 }));
    expect([verdict, reason]).toEqual([
      'retrain',
      'accuracyBelow: 0.7500 (0.6857 to 0.8049) on 200 labels < 0.93; newLabels: 500 new labels >= 500',
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
    const { rules } = decideNext(inputs({ simulated: true }));
    expect(rules.map(({ note }) => note)).toEqual([
      '0.9500 (0.9104 to 0.9726) on 200 SIMULATED labels >= 0.93',
      '200 new SIMULATED labels < 500',
    ]);
  });

  test('without rules keeps', () => {
    expect(decideNext(inputs({ rules: {} }))).toEqual({ verdict: 'keep', reason: 'no rule fired', rules: [] });
  });
});
