import { appendFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatFailure } from '../../../lib/domain/failure.ts';
import { jsonRow } from '../../../lib/exchange/feedback/export-feedback.ts';
import {
  type FeedbackImport,
  type ImportedFeedback,
  importFeedback,
} from '../../../lib/exchange/feedback/import-feedback.ts';
import { MAX_LINE_BYTES } from '../../../lib/exchange/feedback/read-lines.ts';
import { exportedRows } from '../../../lib/runlog/export-rows.ts';
import { findForgettable, forgetPrediction } from '../../../lib/runlog/forget.ts';
import type { RunLog } from '../../../lib/runlog/open.ts';
import { insertPredictions } from '../../../lib/runlog/predictions.ts';
import { quarantinedRows } from '../../../lib/runlog/quarantine.ts';
import { systemClock } from '../../../lib/util/clock.ts';
import { temporaryFolder } from '../../data/temporary-folder.ts';
import { logWithVersion } from '../../runlog/log.ts';

const path = temporaryFolder();
const SHAPE = { classes: ['zero', 'one', 'two'], features: 2 };
const DIGEST = 'd'.repeat(64);
const NOW = 1_800_000_000_000;
let log: RunLog;

beforeEach(() => {
  ({ log } = logWithVersion(path('runs.db')));
  predict(log, ['a', 'b', 'c']);
});
afterEach(() => log.close());

function predict(into: RunLog, ids: readonly string[], simulated = false): void {
  const batch = { line: 'digits', version: 1, simulated, source: 'serve', at: 1_700_000_000_000 };
  const entries = ids.map((predictionId) => ({
    predictionId,
    input: Uint8Array.of(1, 2),
    predicted: 0,
    probabilities: [0.5, 0.25, 0.25],
  }));
  into.atomically(() => insertPredictions(into, batch, entries));
}

type Told = ImportedFeedback | string;

/** Imports a file that holds this, and gives the counts, or the first lines of the message. */
async function importing(content: string | Uint8Array, more: Partial<FeedbackImport> = {}, into = log): Promise<Told> {
  writeFileSync(path('labels'), content);
  return importFile(more, into);
}

async function importFile(more: Partial<FeedbackImport> = {}, into = log): Promise<Told> {
  const imported = await importFeedback(into, {
    path: path('labels'),
    file: 'labels',
    digest: DIGEST,
    source: 'import',
    badRows: 'stop',
    unknown: 'stop',
    shapeOf: () => SHAPE,
    at: NOW,
    signal: new AbortController().signal,
    clock: systemClock,
    wait: async () => undefined,
    ...more,
  });
  return imported.ok ? imported.value : formatFailure(imported.failure);
}

const labels = (of = log): unknown[] =>
  of
    .prepare('SELECT prediction, label, source, at FROM label ORDER BY id')
    .all()
    .map((row) => Object.values(row as object));

const counting = (of = log): unknown =>
  Object.fromEntries(
    (
      of.prepare('SELECT prediction, label FROM label ORDER BY id').all() as { prediction: string; label: number }[]
    ).map(({ prediction, label }) => [prediction, label]),
  );

const HEAD = 'prediction_id,label\n';
const SOURCE = `import ${DIGEST.slice(0, 16)}`;

describe('the columns', () => {
  test.each([
    ['in another order, among others', 'file,label,prediction_id\nx.png,one,a\n'],
    ['with a byte order mark and Windows line ends', '\uFEFFprediction_id,label\r\na,one\r\n'],
    ['of a spreadsheet in another country', 'prediction_id;label\na;one\n'],
    ['in quotes, one of them over two lines', 'prediction_id,label,note\n"a",one,"says ""one"",\nand is sure"\n'],
    ['as JSON lines', '{"prediction_id":"a","label":"one"}\n\n'],
    ['as JSON lines with the names the server takes', '{"id":"a","label":"one"}'],
  ])('may come %s', async (_, content) => {
    expect(await importing(content)).toMatchObject({ rows: 1, added: 1, known: 0, lines: ['digits'] });
    expect(labels()).toEqual([['a', 1, SOURCE, NOW]]);
  });

  test.each([
    ['', 'labels is not a feedback file: it is empty.'],
    ['\n\n', 'labels is not a feedback file: it is empty.'],
    [
      'id,label\na,one\n',
      "labels is not a feedback file: it has no column 'prediction_id'; its columns are id, label.",
    ],
    ['prediction_id,label,label\na,one,two\n', "labels is not a feedback file: it has two columns 'label'."],
    [Uint8Array.of(0xff, 0xfe, 0x61), 'labels is not a feedback file: line 1: it is not UTF-8.'],
  ])('have to be there: %j', async (content, message) => {
    expect(String(await importing(content)).split('\n')[0]).toBe(message);
    expect(labels()).toEqual([]);
  });
});

describe('rows that cannot be right', () => {
  const BAD: readonly (readonly [string, string, string])[] = [
    ['an id nobody knows', 'nope,one', "there is no prediction 'nope'"],
    ['a label that is no class', 'b,seven', "label 'seven' is no class; the classes are zero, one, two"],
    ['a missing field', 'b', 'it has 1 fields, and the header 2'],
    ['a field too many', 'b,one,two', 'it has 3 fields, and the header 2'],
    ['no id', ',one', 'it has no prediction_id'],
    ['quotes that no dialect allows', '"b"x,one', 'its quotes are not right'],
    ['a second opinion in the same file', 'a,two', "prediction 'a' is labelled two, and otherwise by a row before it"],
    ['an id that never ends', `${'b'.repeat(300)},one`, 'its prediction_id is longer than 200 characters'],
  ];

  test.each(BAD)('%s: nothing is imported, also not the good rows', async (_, row, problem) => {
    expect(await importing(`${HEAD}a,one\n${row}\nc,two\n`)).toBe(`1 of 3 rows cannot be imported:
  labels:3 ${problem}
Nothing was imported. Mend the rows, or set them aside with --bad-rows quarantine, and import the file again.`);
    expect([labels(), quarantinedRows(log)]).toEqual([[], []]);
  });

  test.each(BAD)('%s: the row is set aside with the reason, and the others are imported', async (_, row, reason) => {
    const told = await importing(`${HEAD}a,one\n${row}\nc,two\n`, { badRows: 'quarantine', unknown: 'quarantine' });
    expect(told).toMatchObject({ rows: 3, added: 2, quarantined: 1, bad: 0 });
    expect(counting()).toEqual({ a: 1, c: 2 });
    expect(quarantinedRows(log)).toEqual([{ file: DIGEST, line: 3, reason, text: row, source: 'import', at: NOW }]);
    // The same file again: nothing is new, and the row is set aside once.
    expect(await importFile({ badRows: 'quarantine', unknown: 'quarantine' })).toMatchObject({ added: 0, known: 2 });
    expect(quarantinedRows(log)).toHaveLength(1);
  });

  test('a second opinion is one, also where the first was in the log before', async () => {
    await importing(`${HEAD}a,one\n`, { digest: 'e'.repeat(64) });
    expect(await importing(`${HEAD}a,one\na,two\n`)).toContain(
      "  labels:3 prediction 'a' is labelled two, and otherwise by a row before it\n",
    );
    expect(counting()).toEqual({ a: 1 });
  });

  test('many of them are counted, and the first are named', async () => {
    const rows = Array.from({ length: 20 }, (_, at) => `x${at},one\n`).join('');
    const lines = String(await importing(`${HEAD}${rows}`)).split('\n');
    expect([lines[0], lines[1], lines[8], lines[9]]).toEqual([
      '20 of 20 rows cannot be imported:',
      "  labels:2 there is no prediction 'x0'",
      "  labels:9 there is no prediction 'x7'",
      '  and 12 more',
    ]);
  });

  test('bytes that are no UTF-8 cost one row', async () => {
    const bytes = Buffer.concat([Buffer.from(`${HEAD}a,one\nb,`), Buffer.of(0xc3, 0x28), Buffer.from('\nc,two\n')]);
    expect(await importing(bytes, { badRows: 'quarantine' })).toMatchObject({ added: 2, quarantined: 1 });
    expect(quarantinedRows(log)).toMatchObject([{ line: 3, reason: 'it is not UTF-8' }]);
  });

  test('a line without an end is not kept in memory, and costs one row', async () => {
    writeFileSync(path('labels'), `${HEAD}a,one\nb,`);
    const piece = 'x'.repeat(MAX_LINE_BYTES);
    for (let at = 0; at < 30; at++) appendFileSync(path('labels'), piece);
    appendFileSync(path('labels'), '\nc,two\n');
    expect(await importFile({ badRows: 'quarantine' })).toMatchObject({ rows: 3, added: 2, quarantined: 1 });
    const [row] = quarantinedRows(log);
    expect(row).toMatchObject({ line: 3, reason: 'it has more than 1048576 bytes' });
    expect(row?.text).toHaveLength(200);
  });

  test('a quote that is never closed costs its own row, and none below it', async () => {
    const told = await importing(`${HEAD}a,"one\nb,two\nc,two\n`, { badRows: 'quarantine' });
    expect(told).toMatchObject({ rows: 3, added: 2, quarantined: 1 });
    expect(quarantinedRows(log)).toMatchObject([{ line: 2, reason: 'a quote in it is never closed', text: 'a,"one' }]);
  });

  test('JSON lines: each bad one is told for what it is', async () => {
    const bad = [
      '[1]',
      '{',
      '{"label":"one"}',
      '{"id":"a","label":[]}',
      '{"id":"a","label":"one","labelled_at":"soon"}',
      '{"id":"a","label":"one","labelled_at":"2999-01-01"}',
      '{"id":"a","label":"one","source":"simulation"}',
    ];
    await importing(`{"id":"b","label":"two"}\n${bad.join('\n')}\n`, { badRows: 'quarantine' });
    expect(quarantinedRows(log).map(({ reason }) => reason)).toEqual([
      'it is no JSON object',
      'it is no JSON object',
      'it has no prediction_id',
      'its label is no text',
      "'soon' is no time; it has to be like 2026-01-31T12:00:00Z",
      '2999-01-01 lies in the future',
      'its label is a simulated one, which is never taken for what people said',
    ]);
    expect(counting()).toEqual({ b: 2 });
  });

  test('a simulated prediction has its label, and a forgotten one wants none', async () => {
    predict(log, ['s'], true);
    const known = findForgettable(log, 'c');
    if (known !== undefined) log.atomically(() => forgetPrediction(log, known, 1));
    expect(await importing(`${HEAD}c,one\na,one\n`)).toMatchObject({ rows: 2, added: 1, forgotten: 1 });
    expect(await importing(`${HEAD}s,one\n`)).toContain("prediction 's' is a simulated one; it has its label");
  });
});

describe('labels', () => {
  test('of predictions that have not come wait for them, where that is asked for', async () => {
    const waiting = await importing(`${HEAD}late,two\na,one\n`, { unknown: 'wait' });
    expect(waiting).toMatchObject({ added: 1, waiting: 1, known: 0 });
    expect(await importFile({ unknown: 'wait' })).toMatchObject({ added: 0, waiting: 0, known: 2 });
    const batch = { line: 'digits', version: 1, simulated: false, source: 'serve', at: 1, classes: SHAPE.classes };
    log.atomically(() =>
      insertPredictions(log, batch, [{ predictionId: 'late', input: null, predicted: 0, probabilities: [1, 0, 0] }]),
    );
    expect(counting()).toEqual({ a: 1, late: 2 });
  });

  test('of a named source are told from the others', async () => {
    await importing(`${HEAD}a,one\n`, { source: 'audit' });
    await importing('prediction_id,label,source\nb,two,serve\nc,zero,\n');
    expect(labels().map((row) => (row as unknown[])[2])).toEqual([`audit ${DIGEST.slice(0, 16)}`, 'serve', SOURCE]);
  });

  test('with times of their own: the youngest counts, in whatever order they come, and all are kept', async () => {
    const row = (label: string, day: number): string => `a,${label},2026-01-0${day}T00:00:00Z\n`;
    const head = 'prediction_id,label,labelled_at\n';
    await importing(`${head}${row('two', 5)}${row('one', 3)}`);
    expect(await importing(`${head}${row('zero', 1)}${row('one', 4)}${row('two', 5)}`)).toMatchObject({
      added: 2,
      known: 1,
    });
    expect(counting()).toEqual({ a: 2 });
    expect(labels()).toHaveLength(4);
  });

  test('many rows in one statement end as each for itself would', async () => {
    const row = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'x'),
      label: fc.constantFrom('zero', 'one', 'two', 'three', ''),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 12 }), async (rows) => {
        log.database.exec('DELETE FROM label; DELETE FROM quarantined_feedback');
        // What a person would do, row by row.
        const said = new Map<string, string>();
        let [added, known, quarantined] = [0, 0, 0];
        for (const { id, label } of rows) {
          if (label === '' || (id !== 'x' && said.get(id) === label)) known += 1;
          else if (id === 'x' || label === 'three' || said.has(id)) quarantined += 1;
          else {
            said.set(id, label);
            added += 1;
          }
        }
        const told = await importing(HEAD + rows.map(({ id, label }) => `${id},${label}\n`).join(''), {
          badRows: 'quarantine',
          unknown: 'quarantine',
        });
        expect(told).toMatchObject({ rows: rows.length, added, known, quarantined });
        expect(counting()).toEqual(
          Object.fromEntries([...said].map(([id, label]) => [id, SHAPE.classes.indexOf(label)])),
        );
      }),
      { numRuns: 60, seed: 3 },
    );
  });
});

describe('what is exported', () => {
  const exported = (): string =>
    [...exportedRows(log, { since: 0, line: undefined, unlabelled: true })]
      .map((row) => `${jsonRow(row, () => SHAPE)}\n`)
      .join('');

  test('is all there in a log that did not know it, and twice is once', async () => {
    await importing(`${HEAD}a,one\nb,two\n`);
    await importing('{"id":"a","label":"zero","labelled_at":"2026-01-01","source":"serve"}\n');
    const { log: other } = logWithVersion(path('elsewhere', 'runs.db'));
    const file = exported();
    expect(await importing(file, {}, other)).toMatchObject({ rows: 4, added: 3, predictions: 3, known: 1 });
    expect(counting(other)).toEqual(counting());
    const answers =
      'SELECT id, line, version, source, predicted, probabilities, prediction.at, input FROM prediction JOIN prediction_input ON prediction = number ORDER BY id';
    expect(other.prepare(answers).all()).toEqual(log.prepare(answers).all());
    expect(await importing(file, {}, other)).toMatchObject({ rows: 4, added: 0, predictions: 0, known: 4 });
    other.close();
  });

  test('names its model, and is refused where nobody knows it or its rows have another size', async () => {
    await importing(`${HEAD}a,one\n`);
    const [file = ''] = exported().split('\n');
    const { log: other } = logWithVersion(path('elsewhere', 'runs.db'));
    expect(await importing(file.replace('aaaa', 'bbbb'), {}, other)).toContain(
      'the model that answered, digits bbbbaaaaaaaa, is not registered here; models import or state import brings it',
    );
    expect(await importing(file, { shapeOf: () => ({ ...SHAPE, features: 784 }) }, other)).toContain(
      'its input has 2 bytes, and the model is asked about 784',
    );
    other.close();
  });
});
