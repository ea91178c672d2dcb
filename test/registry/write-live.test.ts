import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LiveWrites } from '../../lib/domain/live.ts';
import { writeLive } from '../../lib/registry/write-live.ts';
import { type ForgettablePrediction, findForgettable, forgetPrediction } from '../../lib/runlog/forget.ts';
import type { RunLog } from '../../lib/runlog/open.ts';
import { insertVersion } from '../../lib/runlog/registry.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { logWithAttempt } from '../runlog/log.ts';

const path = temporaryFolder();
let log: RunLog;

beforeEach(() => {
  const made = logWithAttempt(path('runs.db'));
  ({ log } = made);
  const from = { attempt: made.attempt };
  insertVersion(log, { line: 'digits', version: 1, hash: 'a'.repeat(64), folder: 'f', metrics: {}, from, at: 0 });
});
afterEach(() => log.close());

const answers = (ids: readonly string[], version = 1): LiveWrites['answers'][number] => ({
  line: 'digits',
  version,
  ids,
  at: Float64Array.from(ids, (_, row) => 100 + row),
  inputs: Uint8Array.from({ length: ids.length * 2 }, (_, at) => at),
  predicted: Int32Array.from(ids, () => 1),
  probabilities: Float32Array.from(ids.flatMap(() => [0.25, 0.75])),
});
const write = (writes: Partial<LiveWrites>) =>
  writeLive(log, { answers: [], labels: [], ...writes }, { classesOf: () => ['no', 'yes'], at: 7 });

/** 1 is NORMAL: the disk is not waited for. 2 is FULL: it is. */
const synchronous = (): unknown => log.database.pragma('synchronous', { simple: true });

test('a group is on record row by row, each with its own time, input and answers; labels find what came with them', () => {
  expect(
    write({
      answers: [answers(['p', 'q'])],
      labels: [[{ prediction: 'q', label: 'no' }], [{ prediction: 'x', label: 'no' }]],
    }),
  ).toEqual({
    recorded: 2,
    known: 0,
    joined: 0,
    unfit: [],
    receipts: [
      { kind: 'kept', outcomes: ['recorded'] },
      { kind: 'kept', outcomes: ['unknown'] },
    ],
  });
  const probabilities = Buffer.from(Float32Array.of(0.25, 0.75).buffer);
  expect(
    log
      .prepare(
        'SELECT id, at, predicted, probabilities, input, source FROM prediction JOIN prediction_input ON prediction = number',
      )
      .all(),
  ).toEqual([
    { id: 'p', at: 100, predicted: 1, probabilities, input: Buffer.of(0, 1), source: 'serve' },
    { id: 'q', at: 101, predicted: 1, probabilities, input: Buffer.of(2, 3), source: 'serve' },
  ]);
  expect(write({ answers: [answers(['x'])] })).toMatchObject({ recorded: 1, joined: 1 });
});

test('what is on record stays as it is, and what was forgotten stays away; the rest of the group has its own inputs', () => {
  write({ answers: [answers(['q', 'r'])] });
  log.atomically(() => forgetPrediction(log, findForgettable(log, 'r') as ForgettablePrediction, 9));
  expect(write({ answers: [answers(['p', 'q', 'r', 's'])] })).toMatchObject({ recorded: 2, known: 2 });
  expect(
    log
      .prepare('SELECT id, at, input FROM prediction JOIN prediction_input ON prediction = number ORDER BY number')
      .all(),
  ).toEqual([
    { id: 'q', at: 100, input: Buffer.of(0, 1) },
    { id: 'p', at: 100, input: Buffer.of(0, 1) },
    { id: 's', at: 103, input: Buffer.of(6, 7) },
  ]);
});

test('a group of a thousand rows of several inputs, and of rows without one, is on record as it was answered', () => {
  const ids = Array.from({ length: 1000 }, (_, at) => `${at} "quoted"\\ é`);
  write({
    answers: [
      { ...answers(ids), predicted: Int32Array.from(ids, (_, at) => at) },
      { ...answers(['bare']), inputs: null },
    ],
  });
  const rows = log
    .prepare(
      'SELECT id, at, predicted, input FROM prediction LEFT JOIN prediction_input ON prediction = number ORDER BY number',
    )
    .all();
  expect(rows).toEqual([
    ...ids.map((id, at) => ({ id, at: 100 + at, predicted: at, input: Buffer.of((2 * at) % 256, (2 * at + 1) % 256) })),
    { id: 'bare', at: 100, predicted: 1, input: null },
  ]);
});

test('between every few rows whoever writes may let others have the core, and all are one group', () => {
  const ids = Array.from({ length: 40 }, (_, at) => `row-${at}`);
  const seen: boolean[] = [];
  const between = () => void seen.push(log.database.inTransaction);
  const writes = { answers: [answers(ids)], labels: [] };
  expect(writeLive(log, writes, { classesOf: () => ['no', 'yes'], at: 7, between }).recorded).toBe(40);
  expect(seen).toEqual([true, true, true]);
  expect(log.prepare('SELECT id FROM prediction ORDER BY number').pluck().all()).toEqual(ids);
});

test('the disk is waited for where labels are among it, and only there', () => {
  write({ answers: [answers(['p'])] });
  expect(synchronous()).toBe(1);
  write({ labels: [[{ prediction: 'p', label: 'yes' }]] });
  expect(synchronous()).toBe(2);
  write({ answers: [answers(['q'])] });
  expect(synchronous()).toBe(1);
});

test('wrong labels of one request keep nobody else’s out', () => {
  expect(
    write({
      answers: [answers(['p'])],
      labels: [
        [
          { prediction: 'p', label: 'yes' },
          { prediction: 'p', label: 'maybe' },
        ],
        [{ prediction: 'p', label: 'no' }],
      ],
    }).receipts.map(({ kind }) => kind),
  ).toEqual(['refused', 'kept']);
  expect(log.prepare('SELECT label FROM label').pluck().all()).toEqual([0]);
});

test('of a group that cannot be written whole everything is kept but what cannot be, and that is told', () => {
  const writes = {
    answers: [answers(['p', 'q']), answers(['r'], 9), { ...answers(['s', 't']), at: Float64Array.of(0.5, 7) }],
    labels: [[{ prediction: 'p', label: 'yes' }], [{ prediction: 't', label: 'no' }]],
  };
  const isOfOne = (error: unknown) => /constraint|cannot store REAL/.test(String(error));
  expect(writeLive(log, writes, { classesOf: () => ['no', 'yes'], at: 7, isOfOne })).toMatchObject({
    recorded: 3,
    unfit: [
      { prediction: 'r', problem: 'FOREIGN KEY constraint failed' },
      { prediction: 's', problem: 'cannot store REAL value in INTEGER column prediction.at' },
    ],
    receipts: [
      { kind: 'kept', outcomes: ['recorded'] },
      { kind: 'kept', outcomes: ['recorded'] },
    ],
  });
  expect(log.prepare('SELECT id FROM prediction ORDER BY number').pluck().all()).toEqual(['p', 'q', 't']);
  expect(log.prepare('SELECT prediction FROM label ORDER BY id').pluck().all()).toEqual(['p', 't']);
});

test('labels that cannot be written keep nobody else’s out', () => {
  log.database.exec(`CREATE TRIGGER bad BEFORE INSERT ON label WHEN NEW.prediction = 'q'
    BEGIN SELECT RAISE(ABORT, 'a bad label'); END`);
  const labels = [
    [
      { prediction: 'p', label: 'yes' },
      { prediction: 'q', label: 'yes' },
    ],
    [{ prediction: 'p', label: 'no' }],
  ];
  const written = writeLive(
    log,
    { answers: [answers(['p', 'q'])], labels },
    { classesOf: () => ['no', 'yes'], at: 7, isOfOne: () => true },
  );
  expect(written).toMatchObject({
    recorded: 2,
    unfit: [],
    receipts: [{ kind: 'unavailable', problem: 'a bad label' }, { kind: 'kept' }],
  });
  expect(log.prepare('SELECT prediction, label FROM label').raw().all()).toEqual([['p', 0]]);
});

test('a group that cannot be written leaves nothing behind', () => {
  const labels = [[{ prediction: 'p', label: 'yes' }]];
  expect(() => write({ answers: [answers(['p']), answers(['q'], 9)], labels })).toThrow(/FOREIGN KEY/);
  expect(log.prepare('SELECT (SELECT count(*) FROM prediction) + (SELECT count(*) FROM label)').pluck().get()).toBe(0);
});
