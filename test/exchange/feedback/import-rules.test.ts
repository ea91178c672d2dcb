import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatFailure } from '../../../lib/domain/failure.ts';
import { orRaise } from '../../../lib/domain/raised.ts';
import { type FeedbackImport, importFeedback } from '../../../lib/exchange/feedback/import-feedback.ts';
import { findForgettable, forgetPrediction } from '../../../lib/runlog/forget.ts';
import { openRunLog, type RunLog } from '../../../lib/runlog/open.ts';
import { insertLabel, insertPredictions } from '../../../lib/runlog/predictions.ts';
import { insertVersion } from '../../../lib/runlog/registry.ts';
import { systemClock } from '../../../lib/util/clock.ts';
import { temporaryFolder } from '../../data/temporary-folder.ts';
import { logWithVersion } from '../../runlog/log.ts';
import { type Before, type OnRecord, type SaidRow, type SaidTo, takeRowByRow } from './said.ts';

const path = temporaryFolder();
const CLASSES = ['zero', 'one', 'two'];
const DIGEST = 'd'.repeat(64);
const OWN = `import ${DIGEST.slice(0, 16)}`;
const NOW = 1_800_000_000_000;
const PREDICTIONS = ['a', 'b', 'c', 'd'];
let log: RunLog;

beforeEach(() => {
  ({ log } = logWithVersion(path('runs.db')));
  const batch = { line: 'digits', version: 1, simulated: false, source: 'serve', at: 1 };
  const entry = { input: null, predicted: 0, probabilities: [1, 0, 0] };
  log.atomically(() => {
    insertPredictions(
      log,
      batch,
      [...PREDICTIONS, 'f'].map((predictionId) => ({ ...entry, predictionId })),
    );
    const known = findForgettable(log, 'f');
    if (known !== undefined) forgetPrediction(log, known, 1);
  });
});
afterEach(() => log.close());

/** Imports rows as JSON lines. */
async function importOf(rows: readonly SaidRow[], more: Partial<FeedbackImport>): ReturnType<typeof importFeedback> {
  const lines = rows.map(({ id, label, source, at }) => `${JSON.stringify({ id, label, source, labelled_at: at })}\n`);
  writeFileSync(path('labels'), lines.join(''));
  return importFeedback(log, {
    path: path('labels'),
    file: 'labels',
    digest: DIGEST,
    source: 'import',
    badRows: 'quarantine',
    unknown: 'quarantine',
    shapeOf: () => ({ classes: CLASSES, features: undefined }),
    at: NOW,
    signal: new AbortController().signal,
    clock: systemClock,
    wait: async () => undefined,
    ...more,
  });
}

/** The counts, or the code of the failure. */
async function importing(rows: readonly SaidRow[], more: Partial<FeedbackImport>): Promise<unknown> {
  const imported = await importOf(rows, more);
  return imported.ok ? imported.value : imported.failure.code;
}

const raw = (sql: string): unknown[] => log.database.prepare(sql).raw().all();

const time = (day: number): number => NOW - day * 86_400_000;

const label = fc.constantFrom(...CLASSES, 'three', '');
const source = fc.constantFrom(undefined, 'serve', 'audit');
const row = (id: fc.Arbitrary<string>): fc.Arbitrary<SaidRow> =>
  fc.record({ id, label, source, at: fc.constantFrom(undefined, time(1), time(2), time(3)) });
const rows = fc.array(row(fc.constantFrom(...PREDICTIONS, 'f', 'x')), { maxLength: 16 });
const before: fc.Arbitrary<OnRecord[]> = fc.array(
  fc.tuple(
    fc.constantFrom(...PREDICTIONS),
    fc.nat(2),
    fc.constantFrom('serve', 'audit', OWN),
    fc.constantFrom(time(0), time(1), time(2)),
  ),
  { maxLength: 5 },
);

test('rows that are checked and land together end as each for itself would', async () => {
  const chunkRows = fc.constantFrom(1, 2, 3, 100);
  await fc.assert(
    fc.asyncProperty(
      rows,
      before,
      chunkRows,
      fc.constantFrom('quarantine', 'wait'),
      async (said, had, size, unknown) => {
        log.database.exec('DELETE FROM label; DELETE FROM quarantined_feedback; DELETE FROM unmatched_label');
        for (const [prediction, number, word, at] of had) {
          insertLabel(log, { prediction, label: number, source: word, at });
        }
        const to: SaidTo = {
          classes: CLASSES,
          predictions: PREDICTIONS,
          forgotten: ['f'],
          ownSource: OWN,
          now: NOW,
          unknown,
        };
        if (said.length === 0) return;
        let on: Before = { record: had, older: [], waiting: [] };
        for (const turn of ['once', 'once more']) {
          const expected = takeRowByRow(said, on, to);
          expect(await importing(said, { chunkRows: size, unknown })).toMatchObject({ ...expected.counts, bad: 0 });
          expect(raw('SELECT prediction, label, source, at FROM label WHERE id > 0 ORDER BY id')).toEqual(
            expected.record,
          );
          const older = raw('SELECT prediction, label, source, at FROM label WHERE id < 0');
          expect(older.map(String).sort()).toEqual(expected.older.map(String).sort());
          const lines = raw('SELECT line FROM quarantined_feedback ORDER BY line').flat();
          if (turn === 'once') expect(lines).toEqual(expected.setAside.map((index) => index + 1));
          const waiting = raw('SELECT json_array(prediction, label, source) FROM unmatched_label ORDER BY id').flat();
          expect(waiting).toEqual(expected.waiting);
          on = expected;
        }
      },
    ),
    { numRuns: 300, seed: 7 },
  );
});

test('where one row is wrong and that ends the import, nothing is written, wherever it stands', async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.constantFrom(1, 2, 100), async (said, size) => {
      log.database.exec('DELETE FROM label');
      const to: SaidTo = {
        classes: CLASSES,
        predictions: PREDICTIONS,
        forgotten: ['f'],
        ownSource: OWN,
        now: NOW,
        unknown: 'quarantine',
      };
      const expected = takeRowByRow(said, { record: [], older: [], waiting: [] }, to);
      if (said.length === 0) return;
      const told = await importing(said, { chunkRows: size, badRows: 'stop', unknown: 'stop' });
      if (expected.setAside.length === 0) expect(told).toMatchObject(expected.counts);
      else expect([told, raw('SELECT * FROM label')]).toEqual(['FEEDBACK_ROWS', []]);
    }),
    { numRuns: 150, seed: 8 },
  );
});

test('what others write while it lands is heeded, and they need not wait for the end', async () => {
  const others = orRaise(openRunLog(path('runs.db')));
  others.database.pragma('busy_timeout = 0');
  const meanwhile = (): void => {
    const known = findForgettable(others, 'd');
    if (known === undefined) return;
    others.atomically(() => {
      insertLabel(others, { prediction: 'b', label: 1, source: 'serve', at: NOW });
      insertLabel(others, { prediction: 'c', label: 2, source: 'serve', at: time(1) });
      forgetPrediction(others, known, NOW);
    });
  };
  const said: SaidRow[] = [
    { id: 'a', label: 'zero', source: undefined, at: undefined },
    { id: 'b', label: 'one', source: undefined, at: undefined },
    { id: 'c', label: 'zero', source: undefined, at: time(2) },
    { id: 'd', label: 'zero', source: undefined, at: undefined },
    { id: 'a', label: 'two', source: 'audit', at: NOW + 1 },
  ];
  const told = await importing(said, { chunkRows: 1, wait: async () => meanwhile() });
  expect(told).toMatchObject({ rows: 5, added: 3, known: 1, forgotten: 1, quarantined: 0 });
  const on = (id: string) => raw(`SELECT label, source FROM label WHERE prediction = '${id}' ORDER BY id`);
  expect(on('a')).toEqual([
    [0, OWN],
    [2, 'audit'],
  ]);
  expect(on('b')).toEqual([[1, 'serve']]);
  expect(on('c')).toEqual([
    [0, OWN],
    [2, 'serve'],
  ]);
  expect(on('d')).toEqual([]);
  others.close();
});

test('what others write while the file is read is heeded, too', async () => {
  const others = orRaise(openRunLog(path('runs.db')));
  others.database.pragma('busy_timeout = 0');
  let asked = 0;
  const shapeOf = () => {
    asked += 1;
    // Asked the second time for the row that cannot be right, when the one before it has been checked.
    if (asked === 2) insertLabel(others, { prediction: 'a', label: 1, source: 'serve', at: NOW });
    return { classes: CLASSES, features: undefined };
  };
  const said = ['one', 'three'].map((name) => ({ id: 'a', label: name, source: undefined, at: undefined }));
  const told = await importing(said, { chunkRows: 1, shapeOf });
  expect(told).toMatchObject({ rows: 2, added: 0, known: 1, quarantined: 1 });
  expect(raw('SELECT prediction, label, source FROM label')).toEqual([['a', 1, 'serve']]);
  others.close();
});

test('a prediction that comes while the labels that wait for it land gets them', async () => {
  const others = orRaise(openRunLog(path('runs.db')));
  const batch = { line: 'digits', version: 1, simulated: false, source: 'serve', at: 1, classes: CLASSES };
  const come = (): void => {
    const entry = { input: null, predicted: 0, probabilities: [1, 0, 0] };
    const entries = ['x', 'y'].map((predictionId) => ({ ...entry, predictionId }));
    others.atomically(() => insertPredictions(others, batch, entries));
  };
  const said = ['x', 'y'].map((id) => ({ id, label: 'two', source: undefined, at: undefined }));
  const told = await importing(said, { chunkRows: 1, unknown: 'wait', wait: async () => come() });
  expect(told).toMatchObject({ rows: 2, added: 1, waiting: 1 });
  expect(raw('SELECT prediction, label FROM label ORDER BY prediction')).toEqual([
    ['x', 2],
    ['y', 2],
  ]);
  expect(raw('SELECT * FROM unmatched_label')).toEqual([]);
  others.close();
});

test('one that is cut off keeps what has landed, and is finished by the same file once more', async () => {
  const said = PREDICTIONS.map((id) => ({ id, label: 'one', source: undefined, at: undefined }));
  const stop = new AbortController();
  const cut = await importOf(said, { chunkRows: 2, signal: stop.signal, wait: async () => stop.abort() });
  expect(cut.ok ? cut.value : formatFailure(cut.failure)).toBe(
    'The import of labels was cancelled when it had added 2 labels.\nTo finish it, import the same file again: no label counts twice.',
  );
  expect(raw('SELECT prediction FROM label ORDER BY id').flat()).toEqual(['a', 'b']);
  expect(await importing(said, {})).toMatchObject({ rows: 4, added: 2, known: 2 });
  expect(raw('SELECT prediction FROM label ORDER BY id').flat()).toEqual(PREDICTIONS);
});

test('one that is cancelled while the file is read says that nothing is on record', async () => {
  const cut = await importOf([{ id: 'a', label: 'one', source: undefined, at: undefined }], {
    signal: AbortSignal.abort(),
  });
  expect(cut.ok ? cut.value : formatFailure(cut.failure)).toBe(
    'The import of labels was cancelled before it had added a label.\nTo finish it, import the same file again: no label counts twice.',
  );
  expect(raw('SELECT * FROM label')).toEqual([]);
});

test('labels get numbers nobody had, also after the last one was forgotten', async () => {
  const given = (id: string): SaidRow => ({ id, label: 'one', source: undefined, at: undefined });
  await importing([given('a'), given('b')], {});
  const known = findForgettable(log, 'b');
  if (known !== undefined) log.atomically(() => forgetPrediction(log, known, NOW));
  await importing([given('c'), given('d')], {});
  expect(raw('SELECT id, prediction FROM label ORDER BY id')).toEqual([
    [1, 'a'],
    [3, 'c'],
    [4, 'd'],
  ]);
});

test('labels of several lines of models are told of by line, those that were known, too', async () => {
  insertVersion(log, {
    line: 'shop',
    version: 1,
    hash: 'b'.repeat(64),
    folder: 'g',
    metrics: {},
    from: { attempt: 1 },
    at: 0,
  });
  const batch = { line: 'shop', version: 1, simulated: false, source: 'serve', at: 1 };
  const entry = { predictionId: 's', input: null, predicted: 0, probabilities: [1, 0, 0] };
  log.atomically(() => insertPredictions(log, batch, [entry]));
  const given = (id: string): SaidRow => ({ id, label: 'one', source: undefined, at: undefined });
  expect(await importing([given('s')], {})).toMatchObject({ added: 1, lines: ['shop'] });
  expect(await importing([given('s'), given('a')], {})).toMatchObject({
    added: 1,
    known: 1,
    lines: ['digits', 'shop'],
  });
  expect(await importing([given('x')], {})).toMatchObject({ added: 0, quarantined: 1, lines: [] });
});
