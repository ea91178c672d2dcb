import { describe, expect, test } from 'vitest';
import { type GateRecord, gateRecord } from '../../../lib/domain/gate.ts';
import { decidePromotion, type PromotionInputs } from '../../../lib/monitor/gates/promotion.ts';
import { refusalText } from '../../../lib/monitor/gates/refusal.ts';

const absolute = (verdict: 'passed' | 'refused') =>
  gateRecord({
    gate: 'absolute',
    name: 'accuracy',
    value: 0.951,
    low: 0.9,
    high: 0.97,
    limit: 'min',
    threshold: 0.96,
    rows: 500,
    verdict,
  });
const serving = (verdict: 'passed' | 'refused') =>
  gateRecord({
    gate: 'serving',
    name: 'goldenDifference',
    value: 2e-7,
    limit: 'max',
    threshold: 1e-5,
    rows: 16,
    verdict,
  });
const beside = (verdict: GateRecord['verdict'], more: Partial<GateRecord> = {}) =>
  gateRecord({
    gate: 'champion',
    name: 'accuracyDifference',
    slice: 'test',
    value: 0.0012,
    low: -0.001,
    high: 0.0034,
    limit: 'min',
    threshold: 0,
    rows: 9998,
    verdict,
    ...more,
  });
const byClass = (verdict: GateRecord['verdict']) =>
  beside(verdict, {
    name: 'recallDifference',
    slice: 'class 8',
    value: -0.1,
    low: -0.2,
    high: -0.05,
    limit: null,
    threshold: null,
    rows: 90,
  });
const instead = (verdict: GateRecord['verdict']) => gateRecord({ gate: 'champion', name: 'champion', verdict });

const decide = (champion: readonly GateRecord[], more: Partial<PromotionInputs> = {}, first = absolute('passed')) =>
  decidePromotion({
    rows: [first, ...champion, serving('passed')],
    require: 'better',
    champion: 'digits v2',
    isOverridden: false,
    ...more,
  });

describe('a model before its gates', () => {
  test('goes live when it is proven better', () => {
    expect(decide([beside('better', { low: 0.0004 })])).toEqual({
      outcome: 'promoted',
      passed: true,
      reason:
        'proven better than digits v2: accuracyDifference, test +0.0012 (+0.0004 to +0.0034) on 9998 rows, better',
    });
  });

  test.each(['not_worse', 'not_enough_evidence'] as const)('is kept back when it is %s', (verdict) => {
    expect(decide([beside(verdict)])).toEqual({
      outcome: 'kept',
      reason: `not proven better than digits v2: accuracyDifference, test +0.0012 (-0.0010 to +0.0034) on 9998 rows, ${verdict.replaceAll('_', ' ')}`,
    });
  });

  test('may be asked to be no worse, and no more', () => {
    expect(decide([beside('not_worse')], { require: 'not worse' }).outcome).toBe('promoted');
    expect(decide([beside('not_enough_evidence')], { require: 'not worse' }).outcome).toBe('kept');
  });

  test('may prove itself on what people have labelled, as long as nothing else speaks against it', () => {
    const feedback = beside('better', { slice: 'feedback', rows: 800 });
    expect(decide([beside('not_enough_evidence'), feedback]).outcome).toBe('promoted');
    expect(decide([beside('worse'), feedback]).outcome).toBe('kept');
  });

  test('is kept back when one class is proven worse, however good the whole is', () => {
    expect(decide([beside('better'), byClass('worse')])).toEqual({
      outcome: 'kept',
      reason: 'proven worse than digits v2: recallDifference, class 8 -0.1000 (-0.2000 to -0.0500) on 90 rows, worse',
    });
    expect(decide([beside('better'), byClass('not_enough_evidence')]).outcome).toBe('promoted');
  });

  test('that is better in one class alone has not proven it', () => {
    expect(decide([beside('not_worse'), byClass('better')]).outcome).toBe('kept');
  });

  test('is kept back where there are no rows to compare on', () => {
    const none = beside('not_enough_evidence', { rows: 0, value: null, low: null, high: null });
    expect(decide([none])).toEqual({
      outcome: 'kept',
      reason: 'not proven better than digits v2: there are no rows to compare them on',
    });
  });

  test('is the first of its line, or already live', () => {
    expect(decide([instead('first_model')], { champion: undefined })).toEqual({
      outcome: 'promoted',
      passed: true,
      reason: 'first model of its line, passed 2 checks',
    });
    expect(decide([instead('already_live')]).outcome).toBe('already live');
  });

  test.each(['lost', 'not_comparable'] as const)('is refused when the champion is %s', (verdict) => {
    expect(decide([instead(verdict)]).outcome).toBe('refused');
    expect(decide([instead(verdict)], { isOverridden: true })).toEqual({
      outcome: 'promoted',
      passed: false,
      reason: '1 of 3 checks refused it',
    });
  });

  test('is refused under a floor, also when it is better, first or already live', () => {
    for (const champion of [beside('better'), instead('first_model'), instead('already_live')]) {
      expect(decide([champion], {}, absolute('refused')).outcome).toBe('refused');
    }
  });
});

describe('an override', () => {
  const said = { isOverridden: true } as const;

  test('puts a refused or unproven model live, and is known to have done so', () => {
    expect(decide([beside('better')], said, absolute('refused'))).toMatchObject({ outcome: 'promoted', passed: false });
    expect(decide([beside('worse')], said)).toMatchObject({ outcome: 'promoted', passed: false });
    expect(decide([beside('not_worse')], said)).toMatchObject({ outcome: 'promoted', passed: false });
  });

  test('of gates that passed overrides nothing', () => {
    expect(decide([beside('better')], said)).toMatchObject({ outcome: 'promoted', passed: true });
    expect(decide([instead('already_live')], said).outcome).toBe('already live');
  });

  test('does not put a broken model live', () => {
    const rows = [absolute('passed'), beside('better'), serving('refused')];
    expect(decidePromotion({ rows, require: 'better', champion: 'digits v2', ...said }).outcome).toBe('refused');
  });
});

describe('a refusal', () => {
  test('is told check by check, with every value and what it has to be', () => {
    const better = beside('better', { low: 0.0004 });
    expect(refusalText([absolute('refused'), better, serving('passed')])).toBe(
      `The gates refuse this model: 1 of 3 checks failed. The champion stays.
  absolute  accuracy                  0.951 (0.9000 to 0.9700)      at least 0.96     on 500 rows   refused
  champion  accuracyDifference, test  +0.0012 (+0.0004 to +0.0034)  interval above 0  on 9998 rows  better
  serving   goldenDifference          2e-7                          at most 0.00001   on 16 rows    passed
To put it live all the same, and have it on record: npm run pipeline -- --override "WHY", with this run's --profile and --set`,
    );
  });

  test('of a broken model offers no way around', () => {
    expect(
      refusalText([serving('refused')])
        .split('\n')
        .at(-1),
    ).toBe('It does not answer as it was trained to, so nothing puts it live.');
  });

  test('of a model of many classes tells those that failed, and counts the others', () => {
    const recall = Array.from({ length: 100 }, (_, at) =>
      gateRecord({
        gate: 'absolute',
        name: 'recall',
        slice: `class ${at}`,
        value: at === 7 ? 0.1 : 0.9,
        limit: 'min',
        threshold: 0.5,
        rows: 9,
        verdict: at === 7 ? 'refused' : 'passed',
      }),
    );
    expect(
      refusalText([absolute('passed'), ...recall])
        .split('\n')
        .slice(0, 4),
    ).toEqual([
      'The gates refuse this model: 1 of 101 checks failed. The champion stays.',
      '  absolute  accuracy         0.951 (0.9000 to 0.9700)  at least 0.96  on 500 rows  passed',
      '  absolute  recall, class 7  0.1                       at least 0.5   on 9 rows    refused',
      '  and 99 checks of single classes that refuse nothing',
    ]);
  });

  test('for want of limits says how to set one', () => {
    const none = gateRecord({
      gate: 'absolute',
      name: 'limits',
      value: 0,
      limit: 'min',
      threshold: 1,
      verdict: 'refused',
    });
    expect(refusalText([none])).toContain('gate: { accuracy: { min: 0.95 } }');
  });
});
