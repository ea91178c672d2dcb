import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GATE_VERDICTS, GATES, gateRecord } from '../../lib/domain/gate.ts';
import { orRaise } from '../../lib/domain/raised.ts';
import { recordArtifacts, recordUnexecuted, startAttempt } from '../../lib/runlog/attempts.ts';
import { newestLabelledRows } from '../../lib/runlog/feedback.ts';
import { writeEntry } from '../../lib/runlog/ledger.ts';
import { MIGRATIONS, openRunLog, type RunLog } from '../../lib/runlog/open.ts';
import { insertLabel, insertPredictions } from '../../lib/runlog/predictions.ts';
import { readRun } from '../../lib/runlog/read-run.ts';
import { insertRecords } from '../../lib/runlog/records.ts';
import { insertVersion, trainingDatasets } from '../../lib/runlog/registry.ts';
import { sha256 } from '../../lib/util/hash.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { FACTS } from '../rig/facts.ts';
import { logWithAttempt } from './log.ts';

const path = temporaryFolder();

test('checks of schema version 5 are kept, and told which gate they were of', () => {
  const old = new Database(path('runs.db'));
  for (const migration of MIGRATIONS.slice(0, 5)) old.exec(migration);
  old.pragma('user_version = 5');
  old.exec(`INSERT INTO run (id, uid, round, trigger, verb, pipeline, overrides, seed, host, pid, versions, status, started_at)
      VALUES (1, 'u', 0, 'manual', 'run', 'digits', '{}', 1, 'h', 1, '{}', 'succeeded', 0);
    INSERT INTO attempt (id, run, stage, number, status, why, started_at) VALUES (1, 1, 's', 1, 'succeeded', 'w', 0);
    INSERT INTO gate VALUES (4, 1, 'accuracy', 0.9, 'min', 0.8, 100, 'passed');
    INSERT INTO gate VALUES (5, 1, 'goldenDifference', 0.1, 'max', 0.00001, 16, 'refused');`);
  old.close();
  const log = orRaise(openRunLog(path('runs.db')));
  expect(
    log.prepare('SELECT id, gate, name, value, low, threshold, sample_rows, verdict, note FROM gate').all(),
  ).toEqual([
    {
      id: 4,
      gate: 'absolute',
      name: 'accuracy',
      value: 0.9,
      low: null,
      threshold: 0.8,
      sample_rows: 100,
      verdict: 'passed',
      note: '',
    },
    {
      id: 5,
      gate: 'serving',
      name: 'goldenDifference',
      value: 0.1,
      low: null,
      threshold: 1e-5,
      sample_rows: 16,
      verdict: 'refused',
      note: '',
    },
  ]);
  log.close();
});

describe('checks of gates', () => {
  let log: RunLog;
  let run: number;
  let attempt: number;
  beforeEach(() => {
    ({ log, run, attempt } = logWithAttempt(path('runs.db')));
  });
  afterEach(() => log.close());

  const row = gateRecord({
    gate: 'champion',
    name: 'accuracyDifference',
    slice: 'test',
    value: 0.01,
    low: -0.01,
    high: 0.03,
    pValue: 0.4,
    limit: 'min',
    threshold: 0,
    rows: 900,
    verdict: 'not_enough_evidence',
    note: '3 left out',
  });

  test('come back as they went in, and stand in a view', () => {
    insertRecords(log, attempt, [{ kind: 'gate', ...row }]);
    expect(readRun(log, run)?.gates).toEqual([row]);
    expect(log.prepare('SELECT * FROM v_gates').all()).toEqual([
      {
        run,
        stage: 'make',
        status: 'running',
        gate: 'champion',
        name: 'accuracyDifference',
        slice: 'test',
        value: 0.01,
        low: -0.01,
        high: 0.03,
        p_value: 0.4,
        limit_kind: 'min',
        threshold: 0,
        sample_rows: 900,
        verdict: 'not_enough_evidence',
        note: '3 left out',
      },
    ]);
  });

  test('may be of every gate and have every verdict there is, and no other', () => {
    for (const gate of GATES) insertRecords(log, attempt, [{ kind: 'gate', ...row, gate }]);
    for (const verdict of GATE_VERDICTS) insertRecords(log, attempt, [{ kind: 'gate', ...row, verdict }]);
    const insert = (gate: string, verdict: string): void => {
      log.database.exec(
        `INSERT INTO gate (attempt, gate, name, verdict, note) VALUES (1, '${gate}', 'x', '${verdict}', '')`,
      );
    };
    expect(() => insert('luck', 'passed')).toThrow(/CHECK/);
    expect(() => insert('data', 'maybe')).toThrow(/CHECK/);
    expect(() =>
      log.database.exec(
        "INSERT INTO gate (attempt, gate, name, low, verdict, note) VALUES (1, 'data', 'x', 0.1, 'passed', '')",
      ),
    ).toThrow(/CHECK/);
  });

  test('stand in the order of the gates; who judges the same again has the last word', () => {
    const data = gateRecord({ gate: 'data', name: 'missing', value: 0, verdict: 'no_reference' });
    insertRecords(log, attempt, [{ kind: 'gate', ...data }]);
    const parts = {
      number: 1,
      key: 'k',
      keyParts: {},
      why: 'w',
      startedAt: 2000,
      log: undefined,
      code: undefined,
      mark: 'm',
    };
    const later = startAttempt(log, { run, stage: 'ship', ...parts });
    insertRecords(log, later, [
      { kind: 'gate', ...row },
      { kind: 'gate', ...data, verdict: 'passed' },
    ]);
    expect(readRun(log, run)?.gates).toEqual([{ ...data, verdict: 'passed' }, row]);
  });

  test('of a fresh stage are those of the attempt that is in place, and so is why the champion stayed', () => {
    insertRecords(log, attempt, [{ kind: 'gate', ...row }]);
    writeEntry(log, {
      line: 'digits',
      alias: 'champion',
      kind: 'kept',
      from: 1,
      to: 1,
      reason: 'not proven',
      by: { attempt },
      at: 3,
    });
    log.database.exec(`INSERT INTO run SELECT 2, 'v', parent, round, trigger, verb, pipeline, profile, overrides, seed, git_commit,
      git_dirty, host, pid, versions, status, exit_code, started_at, ended_at, pipeline_text, origin, origin_run
      FROM run WHERE id = 1`);
    recordUnexecuted(log, {
      run: 2,
      stage: 'make',
      status: 'fresh',
      key: 'k',
      why: 'w',
      at: 9,
      origin: attempt,
      failure: undefined,
    });
    expect(readRun(log, 2)).toMatchObject({ gates: [row], kept: 'not proven', deployments: [] });
  });

  test('know what a version learned from: the datasets its maker read, by who made the model or by its bytes', () => {
    const [model, data, scans] = [sha256('model'), sha256('data'), sha256('scans')];
    const parts = {
      number: 1,
      key: 'k',
      keyParts: {},
      why: 'w',
      startedAt: 2000,
      log: undefined,
      code: undefined,
      mark: 'm',
    };
    const size = { sizeBytes: 1, files: 1 };
    recordArtifacts(
      log,
      attempt,
      [
        { role: 'in', name: 'data', hash: data, kind: 'dataset', ...size },
        { role: 'in', name: 'scans', hash: scans, kind: 'path', place: 'x', ...size },
        { role: 'out', name: 'model', hash: model, kind: 'model', ...size },
      ],
      1,
    );
    for (const maker of [attempt, undefined]) {
      const ship = startAttempt(log, { run, stage: `ship-${maker}`, ...parts });
      recordArtifacts(log, ship, [{ role: 'in', name: 'model', hash: model, kind: 'model', maker, ...size }], 2);
      const version = {
        line: `digits-${maker}`,
        version: 1,
        hash: model,
        folder: 'f',
        metrics: {},
        from: { attempt: ship },
        at: 3,
      };
      insertVersion(log, version);
      expect(trainingDatasets(log, version.line, 1)).toEqual([data]);
    }
    const imported = {
      line: 'other',
      version: 1,
      hash: model,
      folder: 'f',
      metrics: {},
      from: { imported: { line: 'there', version: 1, facts: FACTS } },
      at: 3,
    };
    insertVersion(log, imported);
    expect(trainingDatasets(log, 'other', 1)).toEqual([]);
  });

  test('see the newest rows that people have labelled, each once and with its last label', () => {
    insertVersion(log, {
      line: 'digits',
      version: 1,
      hash: sha256('m'),
      folder: 'f',
      metrics: {},
      from: { attempt },
      at: 3,
    });
    const entry = (id: string, grey: number) => ({
      predictionId: id,
      input: Uint8Array.of(grey),
      predicted: 0,
      probabilities: [1],
    });
    const batch = { line: 'digits', version: 1, source: 'predict', at: 4 };
    insertPredictions(log, { ...batch, simulated: false }, [
      entry('a', 1),
      entry('b', 2),
      entry('c', 3),
      entry('d', 4),
      // Its input was not kept.
      { ...entry('e', 5), input: null },
    ]);
    insertPredictions(log, { ...batch, simulated: true }, [{ ...entry('s', 9), label: 1 }]);
    for (const [prediction, label] of [
      ['a', 1],
      ['b', 1],
      ['c', 0],
      ['a', 0],
      ['e', 1],
    ] as const) {
      insertLabel(log, { prediction, label, source: 'me', at: 5 });
    }
    const shown = (limit: number) =>
      newestLabelledRows(log, 'digits', limit).map(({ label, input }) => [label, ...input]);
    expect(shown(9)).toEqual([
      [0, 1],
      [0, 3],
      [1, 2],
    ]);
    expect(shown(2)).toEqual([
      [0, 1],
      [0, 3],
    ]);
    expect(newestLabelledRows(log, 'other', 9)).toEqual([]);
  });
});
