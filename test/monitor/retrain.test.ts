import { describe, expect, test } from 'vitest';
import { decideRetrain, type RetrainFacts, type RetrainRequest } from '../../lib/monitor/retrain.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 25, 3, 17);

const request = (more: Partial<RetrainRequest> = {}): RetrainRequest => ({
  asked: 'if_needed',
  reason: '',
  policy: { ageMs: 30 * DAY, cooldownMs: 20 * HOUR, promotions: 1, rules: {} },
  ...more,
});

const facts = (more: Partial<RetrainFacts> = {}): RetrainFacts => ({
  now: NOW,
  champion: { version: 3, testedAt: NOW - 2 * DAY },
  last: { at: NOW - 2 * DAY, run: 7, ended: 'verdict' },
  promotions: 0,
  live: {
    verdict: 'keep',
    reason: 'no rule fired',
    rules: [{ name: 'newLabels', value: 12, threshold: 500, fired: false, note: '12 new labels < 500' }],
  },
  ...more,
});

const manyLabels = {
  verdict: 'retrain',
  reason: 'newLabels: 600 new labels >= 500',
  rules: [{ name: 'newLabels', value: 600, threshold: 500, fired: true, note: '600 new labels >= 500' }],
} as const;

const said = (
  wish: Partial<RetrainRequest> | undefined,
  seen: Partial<RetrainFacts> | undefined,
): readonly [string, string] => {
  const { verdict, reason } = decideRetrain(request(wish), facts(seen));
  return [verdict, reason];
};

describe('a decision whether to retrain', () => {
  test('lists every rule with value, threshold and verdict', () => {
    expect(decideRetrain(request(), facts())).toEqual({
      verdict: 'skipped',
      reason: 'no rule fired',
      triggers: [
        { name: 'noChampion', value: 1, threshold: 1, fired: false, note: 'v3 is live' },
        { name: 'unfinished', value: 0, threshold: 1, fired: false, note: 'nothing is left over' },
        {
          name: 'age',
          value: 2,
          threshold: 30,
          fired: false,
          note: 'v3 was last held against another model 2 days ago < 30',
        },
        { name: 'newLabels', value: 12, threshold: 500, fired: false, note: '12 new labels < 500' },
      ],
      brakes: [
        {
          name: 'cooldown',
          value: 48,
          threshold: 20,
          fired: false,
          note: 'the last retraining (run 7) was 48 hours ago >= 20',
        },
        {
          name: 'promotions',
          value: 0,
          threshold: 1,
          fired: false,
          note: '0 models were put live in the last 24 hours < 1',
        },
      ],
    });
  });

  test('is for one where a rule of the live side fires', () => {
    expect(said({}, { live: manyLabels })).toEqual(['retrain', 'newLabels: 600 new labels >= 500']);
  });

  test('is not for one where there is nothing new to learn from', () => {
    const reason =
      'drift: drift in 3 of the last 3 windows >= 2; but there is nothing new to learn from: no label waits';
    expect(said({}, { live: { verdict: 'keep', reason, rules: [] } })).toEqual(['skipped', reason]);
  });

  test('is for one where nothing is live yet, and where the champion is too long untested', () => {
    expect(said({}, { champion: null, last: null })).toEqual(['retrain', 'noChampion: no model is live yet']);
    const old = { version: 3, testedAt: NOW - 30 * DAY };
    expect(said({}, { champion: old })).toEqual([
      'retrain',
      'age: v3 was last held against another model 30 days ago >= 30',
    ]);
    const almost = { version: 3, testedAt: NOW - 30 * DAY + 1 };
    expect(said({}, { champion: almost })).toEqual(['skipped', 'no rule fired']);
  });

  test('waits while the last one is too near, and says what for', () => {
    const last = { at: NOW - 20 * HOUR + 1, run: 7, ended: 'verdict' } as const;
    expect(said({}, { live: manyLabels, last })).toEqual([
      'skipped',
      'cooldown: the last retraining (run 7) was 19.99 hours ago < 20 (wanted, because newLabels: 600 new labels >= 500)',
    ]);
    expect(said({}, { live: manyLabels, last: { ...last, at: NOW - 20 * HOUR } })[0]).toBe('retrain');
  });

  test('waits where enough models were put live', () => {
    expect(said({}, { live: manyLabels, promotions: 1 })).toEqual([
      'skipped',
      'promotions: 1 model was put live in the last 24 hours >= 1 (wanted, because newLabels: 600 new labels >= 500)',
    ]);
  });

  test('makes up for a run that broke off, however near it is', () => {
    const last = { at: NOW - 1000, run: 8, ended: 'failed' } as const;
    expect(said({}, { last })).toEqual(['retrain', 'unfinished: run 8 came to no verdict, so it is tried again']);
    expect(said({}, { last: { ...last, run: null } })).toEqual([
      'retrain',
      'unfinished: the last retraining broke off at its beginning, so it is tried again',
    ]);
  });

  test('is not stopped by a clock that was set back', () => {
    const last = { at: NOW + DAY, run: 7, ended: 'verdict' } as const;
    expect(said({}, { live: manyLabels, last })[0]).toBe('retrain');
  });

  test('that a person asks for needs no rule, and is held back all the same', () => {
    expect(said({ asked: 'now', reason: 'new scanner' }, {})).toEqual(['retrain', 'asked for: new scanner']);
    expect(said({ asked: 'now' }, { promotions: 1 })[0]).toBe('skipped');
  });

  test('by force is held back by nothing', () => {
    const last = { at: NOW - 1000, run: 7, ended: 'verdict' } as const;
    expect(said({ asked: 'force', reason: 'new scanner' }, { last, promotions: 5 })).toEqual([
      'retrain',
      'asked for: new scanner',
    ]);
  });
});
