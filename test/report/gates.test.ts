import { describe, expect, test } from 'vitest';
import { type GateRecord, gateRecord } from '../../lib/domain/gate.ts';
import { gateCells, gateLines } from '../../lib/domain/gate-text.ts';
import type { RunView } from '../../lib/domain/run-view.ts';
import { shortGates } from '../../lib/report/console/short-gates.ts';
import { summaryText } from '../../lib/report/console/summary-text.ts';
import { summaryOf } from '../../lib/report/runs/summary.ts';

const check = (gate: GateRecord['gate'], name: string, more: Partial<GateRecord> = {}) =>
  gateRecord({ gate, name, verdict: 'passed', ...more });
const recall = (label: number, value: number, more: Partial<GateRecord> = {}) =>
  check('absolute', 'recall', { slice: `class ${label}`, value, limit: 'min', threshold: 0.9, rows: 90, ...more });

describe('a check', () => {
  test('is told with its value, what it has to be, and its rows', () => {
    expect(
      gateLines([
        check('data', 'duplicates', { value: 0.031, limit: 'max', threshold: 0.01, rows: 60_000, verdict: 'warning' }),
        check('absolute', 'accuracy', {
          value: 0.9756,
          low: 0.9724,
          high: 0.9784,
          limit: 'min',
          threshold: 0.95,
          rows: 10_000,
        }),
        check('champion', 'champion', { verdict: 'first_model', note: 'nothing is live yet' }),
        check('champion', 'accuracyDifference', {
          slice: 'test',
          value: -0.00213,
          low: -0.004,
          high: 0.0001,
          limit: 'min',
          threshold: -0.002,
          rows: 1,
          verdict: 'not_enough_evidence',
        }),
      ]),
    ).toEqual([
      'data      duplicates                0.031                         at most 0.01           on 60000 rows  warning',
      'absolute  accuracy                  0.9756 (0.9724 to 0.9784)     at least 0.95          on 10000 rows  passed',
      'champion  champion                  -                                                                   first model: nothing is live yet',
      'champion  accuracyDifference, test  -0.0021 (-0.0040 to +0.0001)  interval above -0.002  on 1 row       not enough evidence',
    ]);
  });

  test('of a value that could not be measured says so', () => {
    expect(
      gateCells(check('absolute', 'f2', { limit: 'min', threshold: 1, verdict: 'refused', note: 'no such number' })),
    ).toEqual(['absolute', 'f2', '-', 'at least 1', '', 'refused: no such number']);
  });
});

describe('a summary’s checks', () => {
  const names = (rows: readonly GateRecord[]) => shortGates(rows).map(([, name]) => name);

  test('of the data are one line where they passed', () => {
    const rows = [check('data', 'missing'), check('data', 'rows', { verdict: 'warning' }), check('data', 'schema')];
    expect(shortGates(rows)).toEqual([
      ['data', '2 checks', '', '', '', 'passed'],
      ['data', 'rows', '-', '', '', 'warning'],
    ]);
  });

  test('made class by class are the lowest of them', () => {
    expect(names([recall(0, 0.99), recall(1, 0.95), recall(2, 0.97), check('absolute', 'accuracy')])).toEqual([
      'recall, class 1, the lowest of 3',
      'accuracy',
    ]);
  });

  test('made class by class are all those that failed, where some did', () => {
    const rows = [recall(0, 0.99), recall(1, 0.8, { verdict: 'refused' }), recall(2, 0.7, { verdict: 'refused' })];
    expect(names(rows)).toEqual(['recall, class 1', 'recall, class 2']);
  });
});

describe('what the gates came to', () => {
  const view = (more: Partial<RunView>): RunView => ({
    run: 4,
    uid: 'u',
    status: 'succeeded',
    exitCode: 0,
    pipeline: 'digits',
    trigger: 'manual',
    verb: 'run',
    parent: null,
    round: 0,
    profile: null,
    overrides: {},
    seed: 1,
    gitCommit: null,
    gitDirty: null,
    host: 'h',
    versions: {},
    startedAt: 0,
    durationMs: 1,
    params: [],
    stages: [],
    metrics: [],
    trials: [],
    gates: [check('absolute', 'accuracy')],
    decision: null,
    notes: [],
    used: { dataset: null, engine: null },
    artifacts: [],
    deployments: [],
    kept: null,
    ...more,
  });
  const extras = {
    champion: { line: 'digits', version: 2 },
    artifacts: { all: 0, added: 0, freeable: 0 },
    pages: [],
    previousRun: null,
    where: [],
    parent: undefined,
  };
  const move = { line: 'digits', alias: 'champion', from: 1, to: 2, reason: 'why not' } as const;

  test.each([
    ['passed', { deployments: [{ ...move, kind: 'deploy' as const }] }, { verdict: 'passed', reason: '' }],
    ['a champion that stays', { kept: 'not proven better' }, { verdict: 'kept', reason: 'not proven better' }],
    [
      'the same bytes',
      { gates: [check('champion', 'champion', { verdict: 'already_live' })] },
      { verdict: 'already live', reason: '' },
    ],
    [
      'a refusal',
      { status: 'refused', gates: [recall(1, 0.1, { verdict: 'refused' })] },
      { verdict: 'refused', reason: '' },
    ],
    [
      'an override',
      { gates: [recall(1, 0.1, { verdict: 'refused' })], deployments: [{ ...move, kind: 'override' as const }] },
      { verdict: 'overridden', reason: 'why not' },
    ],
    ['no gates', { gates: [] }, null],
  ])('%s', (_, more, outcome) => expect(summaryOf(view(more), extras).outcome).toEqual(outcome));

  test('stands above them in the summary', () => {
    const summary = summaryOf(
      view({ gates: [recall(1, 0.1, { verdict: 'refused' })], deployments: [{ ...move, kind: 'override' }] }),
      extras,
    );
    expect(summaryText({ run: 4, status: 'succeeded', exitCode: 0, durationMs: 1, summary })).toContain(`
gates       overridden: why not
              absolute  recall, class 1  0.1  at least 0.9  on 90 rows  refused
champion    digits v2, deployed by this run
`);
  });

  test('what to type next says where the project is, when that is elsewhere', () => {
    const summary = summaryOf(view({ run: 4, exitCode: 0 }), {
      ...extras,
      previousRun: 3,
      where: ['--root ../flowers'],
    });
    expect(summary.next).toEqual([
      'npm run show -- 4 --root ../flowers',
      'npm run compare -- 3 4 --root ../flowers',
      'npm run serve -- --root ../flowers',
    ]);
  });

  test('in a narrow terminal what was seen stands below its verdict', () => {
    const seen = check('absolute', 'accuracy', {
      value: 0.9756,
      low: 0.9724,
      high: 0.9784,
      limit: 'min',
      threshold: 0.95,
    });
    const summary = summaryOf(view({ gates: [seen], kept: 'not proven better' }), extras);
    const text = summaryText({ run: 4, status: 'succeeded', exitCode: 0, durationMs: 1, summary }, 60);
    expect(text).toContain(`gates       kept: not proven better
              absolute  accuracy: passed
                          0.9756 (0.9724 to 0.9784), at
                          least 0.95`);
    expect(text.split('\n').filter((line) => line.length > 60)).toEqual([]);
  });
});
