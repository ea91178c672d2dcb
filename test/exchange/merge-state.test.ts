import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { openStore } from '../../lib/cache/store.ts';
import { type MergedState, mergeState } from '../../lib/exchange/merge-state.ts';
import { copyLog } from '../../lib/runlog/copy-log.ts';
import { acceptedCuts, type FeedbackOutcome, insertCut, lastAttemptId, settleCut } from '../../lib/runlog/cuts.ts';
import { acceptedRows } from '../../lib/runlog/feedback.ts';
import { findForgettable, forgetPrediction } from '../../lib/runlog/forget.ts';
import { OTHERWISE, tableRules } from '../../lib/runlog/merge/tables.ts';
import type { RunLog } from '../../lib/runlog/open.ts';
import { answerSweep, expireAnswers } from '../../lib/runlog/past-answers.ts';
import { insertLabel, insertPredictions } from '../../lib/runlog/predictions.ts';
import { insertRetrainDecision } from '../../lib/runlog/retrain.ts';
import { insertUnmatched } from '../../lib/runlog/unmatched-labels.ts';
import { temporaryFolderForAll } from '../rig/temporary-folder.ts';
import { logWithVersion } from '../runlog/log.ts';

const path = temporaryFolderForAll();
const open: RunLog[] = [];
let made = 0;
afterEach(() => {
  for (const log of open.splice(0)) log.close();
});

/** A log with a version of the line `digits` in it; all of them have the same one. */
function newLog(): RunLog {
  made += 1;
  const { log } = logWithVersion(path(`machine-${made}`, 'runs.db'));
  open.push(log);
  return log;
}

/** Merges a copy of one log into another. */
async function merge(from: RunLog, into: RunLog, theirs = 'server', own = 'ci'): Promise<MergedState> {
  made += 1;
  const folder = path(`copy-${made}`);
  mkdirSync(folder);
  const facts = copyLog(from, { file: join(folder, 'runs.db'), objects: [], at: 1 });
  const manifest = { ...facts, format: 'mlloop-state-1', name: theirs, pipeline: 'digits', at: 1, files: {} } as const;
  const state = path(`state-${made}`);
  const target = { state, store: openStore(join(state, 'artifacts', 'objects')) };
  return mergeState(into, { folder, manifest }, target, {
    own,
    promote: false,
    actor: 'me',
    at: 9,
    classesOf: () => ['no', 'yes'],
  });
}

const predict = (log: RunLog, ids: readonly string[]): void =>
  void log.atomically(() =>
    insertPredictions(
      log,
      { line: 'digits', version: 1, simulated: false, source: 'serve', at: 5 },
      ids.map((predictionId) => ({ predictionId, input: new Uint8Array([7]), predicted: 0, probabilities: [1, 0] })),
    ),
  );

const label = (log: RunLog, prediction: string, given: number, at: number, source = 'serve'): void =>
  insertLabel(log, { prediction, label: given, source, at });

/** The label that counts for each prediction. */
const counting = (log: RunLog): unknown =>
  log.database
    .prepare(`SELECT id, (SELECT label FROM label WHERE prediction = prediction.id ORDER BY label.id DESC LIMIT 1) AS label
      FROM prediction ORDER BY id`)
    .all();

const labels = (log: RunLog): unknown =>
  log.database.prepare('SELECT prediction, label, source, at FROM label ORDER BY prediction, at, source, label').all();

describe('merging', () => {
  test('has a rule for every table there is', () => {
    const log = newLog();
    const tables = log.database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .pluck()
      .all() as string[];
    const known = [...Object.keys(tableRules({ theirs: 'a', continues: false })), ...OTHERWISE];
    expect(tables.filter((name) => !known.includes(name))).toEqual([]);
    expect(known.filter((name) => !tables.includes(name))).toEqual([]);
  });

  test('brings a label that is younger than the one here to count, and keeps one that is older', async () => {
    const [server, ci] = [newLog(), newLog()];
    predict(server, ['a', 'b', 'c']);
    predict(ci, ['a', 'b']);
    label(server, 'a', 1, 100);
    label(server, 'b', 1, 10);
    label(ci, 'a', 0, 50);
    label(ci, 'b', 0, 50);
    const merged = await merge(server, ci);
    expect(merged).toMatchObject({ predictions: 1, labels: 2, continues: false });
    expect(counting(ci)).toEqual([
      { id: 'a', label: 1 },
      { id: 'b', label: 0 },
      { id: 'c', label: null },
    ]);
    expect(labels(ci)).toHaveLength(4);
  });

  test('ends alike in both logs, whoever is told first, and a second time changes nothing', async () => {
    const given = fc.record({
      prediction: fc.constantFrom('a', 'b', 'c', 'd'),
      label: fc.constantFrom(0, 1),
      at: fc.integer({ min: 1, max: 4 }),
      source: fc.constantFrom('serve', 'audit 1'),
    });
    // A log's own labels come in the order of its clock.
    const side = fc.record({
      predictions: fc.subarray(['a', 'b', 'c', 'd']),
      labels: fc
        .array(given, { maxLength: 8 })
        .map((all) =>
          all.sort((x, y) => x.at - y.at || (x.source < y.source ? -1 : x.source > y.source ? 1 : x.label - y.label)),
        ),
    });
    await fc.assert(
      fc.asyncProperty(side, side, async (ours, theirs) => {
        const [one, other] = [newLog(), newLog()];
        for (const [log, about] of [
          [one, ours],
          [other, theirs],
        ] as const) {
          predict(log, about.predictions);
          for (const { prediction, label: what, at, source } of about.labels) {
            if (about.predictions.includes(prediction)) label(log, prediction, what, at, source);
          }
        }
        const before = labels(one) as unknown[];
        await merge(other, one, 'other', 'one');
        await merge(one, other, 'one', 'other');
        expect(counting(one)).toEqual(counting(other));
        expect(labels(one)).toEqual(labels(other));
        expect(labels(one)).toEqual(expect.arrayContaining(before));
        const last = [labels(one), counting(one)];
        expect(await merge(other, one, 'other', 'one')).toMatchObject({ runs: [], predictions: 0, labels: 0 });
        expect([labels(one), counting(one)]).toEqual(last);
      }),
      { numRuns: 15, seed: 6 },
    );
  });

  test('joins labels that had waited with predictions that come', async () => {
    const [server, ci] = [newLog(), newLog()];
    predict(server, ['a']);
    insertUnmatched(ci, { prediction: 'a', label: 'yes', source: 'import 1', at: 3 });
    expect(await merge(server, ci)).toMatchObject({ predictions: 1, labels: 0, joined: 1 });
    expect(labels(ci)).toEqual([{ prediction: 'a', label: 1, source: 'import 1', at: 3 }]);
    // The other way round it was waited for there.
    const late = newLog();
    insertUnmatched(late, { prediction: 'a', label: 'yes', source: 'import 1', at: 3 });
    expect(await merge(late, ci, 'late')).toMatchObject({ joined: 0 });
    expect(labels(ci)).toHaveLength(1);
    expect(ci.database.prepare('SELECT * FROM unmatched_label').all()).toEqual([]);
  });

  test('forgets what was forgotten there, and brings back nothing that was forgotten here', async () => {
    const [server, ci] = [newLog(), newLog()];
    for (const log of [server, ci]) {
      predict(log, ['a', 'b']);
      label(log, 'a', 1, 10);
      label(log, 'b', 1, 10);
    }
    const forget = (log: RunLog, id: string): void => {
      const known = findForgettable(log, id);
      if (known !== undefined) log.atomically(() => forgetPrediction(log, known, 20));
    };
    forget(server, 'a');
    forget(ci, 'b');
    expect(await merge(server, ci)).toMatchObject({ predictions: 0, labels: 0, forgotten: 1 });
    expect(counting(ci)).toEqual([]);
    expect(ci.database.prepare('SELECT prediction FROM forgotten ORDER BY prediction').pluck().all()).toEqual([
      'a',
      'b',
    ]);
    expect(ci.database.prepare('SELECT count(*) FROM prediction_input').pluck().get()).toBe(0);
  });

  test('does not bring back what waited too long for a label, and lets go what has gone there; all stay counted, once', async () => {
    const hour = 3_600_000;
    const [server, ci] = [newLog(), newLog()];
    const at = (log: RunLog, ids: readonly string[], time: number): void =>
      void log.atomically(() =>
        insertPredictions(
          log,
          { line: 'digits', version: 1, simulated: false, source: 'serve', at: time },
          ids.map((predictionId) => ({ predictionId, input: null, predicted: 0, probabilities: [1, 0] })),
        ),
      );
    for (const log of [server, ci]) at(log, ['a', 'b', 'c'], 5);
    for (const log of [server, ci]) at(log, ['young', 'last'], 2 * hour);
    label(ci, 'b', 1, 10);
    label(server, 'c', 1, 10);
    expect(expireAnswers(server, answerSweep(server, hour))).toBe(2);
    await merge(server, ci);
    expect(counting(ci)).toEqual([
      { id: 'b', label: 1 },
      { id: 'c', label: 1 },
      { id: 'last', label: null },
      { id: 'young', label: null },
    ]);
    await merge(ci, server, 'ci', 'server');
    expect(counting(server)).toEqual(counting(ci));
    for (const log of [server, ci]) {
      expect(expireAnswers(log, answerSweep(log, hour))).toBe(0);
      expect(log.prepare('SELECT hour, answers FROM past_prediction').all()).toEqual([{ hour: 0, answers: 2 }]);
    }
  });

  test('takes what was accepted for training for what it is here', async () => {
    const [ci, laptop] = [newLog(), newLog()];
    predict(ci, ['a', 'b', 'c']);
    label(ci, 'a', 1, 10);
    label(ci, 'b', 1, 11);
    const { attempt } = ci.database.prepare('SELECT max(id) AS attempt FROM attempt').get() as { attempt: number };
    insertCut(ci, { line: 'digits', simulated: false, lastLabel: 2, attempt, at: 12 });
    label(ci, 'c', 1, 13);
    await merge(ci, laptop, 'ci', 'laptop');
    const cut = laptop.database.prepare('SELECT id < 0 AS came, last_label AS last FROM accepted_feedback').get() as {
      came: number;
      last: number;
    };
    expect(cut.came).toBe(1);
    const rows = acceptedRows(laptop, { line: 'digits', simulated: false, lastLabel: cut.last });
    expect(rows.map(({ label: given, input }) => [given, [...(input ?? [])]])).toEqual([
      [1, [7]],
      [1, [7]],
    ]);
  });

  test('brings what became of it, once, and keeps what is known here', async () => {
    const [ci, laptop] = [newLog(), newLog()];
    predict(ci, ['a', 'b']);
    label(ci, 'a', 1, 10);
    const attempt = lastAttemptId(ci);
    const cut = { line: 'digits', simulated: false, attempt };
    insertCut(ci, { ...cut, lastLabel: 1, at: 12 });
    const settle = (log: RunLog, outcome: FeedbackOutcome) =>
      settleCut(log, { line: 'digits', turn: lastAttemptId(log) + 1, outcome, attempt: lastAttemptId(log), at: 13 });
    settle(ci, 'taken_in');
    label(ci, 'b', 1, 13);
    // Somebody overrides a refusal: of the attempt that the first cut names, too.
    insertCut(ci, { ...cut, lastLabel: 2, at: 14 });
    await merge(ci, laptop, 'ci', 'laptop');
    expect(acceptedCuts(laptop).map(({ outcome }) => outcome)).toEqual([null]);
    settle(ci, 'given_back');
    for (const _ of [1, 2]) await merge(ci, laptop, 'ci', 'laptop');
    const told = (log: RunLog) => log.prepare('SELECT outcome FROM feedback_outcome ORDER BY cut').pluck().all();
    expect(told(laptop)).toEqual(['taken_in', 'given_back']);
    expect(laptop.prepare('SELECT count(*) FROM accepted_feedback').pluck().get()).toBe(2);
    expect(acceptedCuts(laptop).map(({ outcome }) => outcome)).toEqual(['taken_in']);
    // Both may have judged the same cut: neither changes what the other has on record.
    insertCut(ci, { ...cut, lastLabel: 2, at: 15 });
    await merge(ci, laptop, 'ci', 'laptop');
    laptop.database.exec(
      "INSERT INTO feedback_outcome SELECT max(id), 'taken_in', max(attempt), 16 FROM accepted_feedback",
    );
    settle(ci, 'given_back');
    await merge(ci, laptop, 'ci', 'laptop');
    expect(told(laptop)).toEqual(['taken_in', 'given_back', 'taken_in']);
  });

  test('brings the decisions of retrain and what they accepted, also where everything before was known, and once', async () => {
    const [ci, server] = [newLog(), newLog()];
    await merge(ci, server, 'ci', 'server');
    predict(ci, ['a', 'b']);
    label(ci, 'a', 1, 10);
    const decision = { verdict: 'retrain', reason: 'newLabels: 1 new labels >= 1', triggers: [], brakes: [] } as const;
    const cut = { line: 'digits', simulated: false, lastLabel: 1 };
    insertRetrainDecision(ci, { line: 'digits', asked: 'force', actor: 'me', profile: 'ci', decision, cut, at: 12 });
    label(ci, 'b', 1, 13);
    await merge(ci, server, 'ci', 'server');
    await merge(ci, server, 'ci', 'server');
    expect(
      server.database
        .prepare(`SELECT made.reason, made.run, cut.id < 0 AS came, cut.attempt < 0 AS before FROM accepted_feedback AS cut
          JOIN retrain_decision AS made ON made.id = cut.retrain`)
        .all(),
    ).toEqual([{ reason: 'newLabels: 1 new labels >= 1', run: null, came: 1, before: 1 }]);
    const { last } = server.database.prepare('SELECT last_label AS last FROM accepted_feedback').get() as {
      last: number;
    };
    expect(acceptedRows(server, { line: 'digits', simulated: false, lastLabel: last })).toHaveLength(1);
  });
});
