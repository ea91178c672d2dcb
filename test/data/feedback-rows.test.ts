import { expect, test } from 'vitest';
import { createDataset } from '../../lib/data/dataset.ts';
import { appendFeedback, labelledRows } from '../../lib/data/feedback-rows.ts';
import { messageOf, unwrap } from './failed.ts';

const source = () =>
  unwrap(
    createDataset({
      columns: { label: Int32Array.of(0), pixels: { data: Uint8Array.of(1, 2), shape: [1, 2] } },
      classes: ['a', 'b'],
      provenance: [{ source: 'idx', rows: 1, sha256: {}, detail: {} }],
    }),
  );

const row = (labelId: number, label: number, simulated: boolean, input = Uint8Array.of(labelId, 0)) => ({
  labelId,
  line: 'digits',
  label,
  simulated,
  input,
});

test('accepted feedback joins the training rows in the order of its label ids', () => {
  const joined = unwrap(appendFeedback(source(), [row(9, 1, true), row(4, 0, false), row(5, 1, false)]));
  expect(joined.ids).toEqual(Int32Array.of(0, 1_000_000_004, 1_000_000_005, 1_000_000_009));
  expect(joined.labels).toEqual(Int32Array.of(0, 0, 1, 1));
  expect(joined.split).toEqual(Uint8Array.of(0, 0, 0, 0));
  expect(joined.feature('pixels')).toEqual(Uint8Array.of(1, 2, 4, 0, 5, 0, 9, 0));
});

test('real and simulated feedback are never one number in the record', () => {
  const joined = unwrap(appendFeedback(source(), [row(9, 1, true), row(4, 0, false), row(5, 1, false)]));
  expect(joined.meta.provenance.map(({ source: name, rows }) => [name, rows])).toEqual([
    ['idx', 1],
    ['feedback', 2],
    ['simulated feedback', 1],
  ]);
});

test('no feedback changes nothing', () => {
  const dataset = source();
  expect(unwrap(appendFeedback(dataset, []))).toBe(dataset);
});

test('feedback of another size or class than the source is refused by its label id', () => {
  expect(messageOf(appendFeedback(source(), [row(4, 0, false, Uint8Array.of(1))]))).toContain(
    'The accepted feedback with label id 4 has 1 bytes; a row of this source has 2.',
  );
  expect(messageOf(appendFeedback(source(), [row(7, 2, false), row(9, 3, true), row(4, 2, false)]))).toContain(
    'The accepted feedback with label id 4 says class 2; this source has classes 0 to 1.',
  );
});

test('labelled rows that do not fit the dataset are left out and counted', () => {
  const given = [
    { labelId: 3, label: 1, input: Uint8Array.of(7, 8) },
    { labelId: 2, label: 2, input: Uint8Array.of(1, 1) },
    { labelId: 1, label: 0, input: Uint8Array.of(1, 1, 1) },
  ];
  const { dataset, unfit } = unwrap(labelledRows(source(), given));
  expect([dataset.ids, dataset.labels, dataset.feature('pixels'), unfit]).toEqual([
    Int32Array.of(1_000_000_003),
    Int32Array.of(1),
    Uint8Array.of(7, 8),
    2,
  ]);
  expect(unwrap(labelledRows(source(), [])).dataset.rows).toBe(0);
});

test('rows of a table or of words take in feedback as images do', () => {
  const table = unwrap(
    createDataset({
      columns: { label: Int32Array.of(0), sizes: { data: Float32Array.of(1.5, 2), shape: [2] } },
      classes: ['a', 'b'],
    }),
  );
  const joined = unwrap(appendFeedback(table, [row(4, 1, false)]));
  expect(joined.feature('sizes')).toEqual(Float32Array.of(1.5, 2, 4, 0));
  const { dataset, unfit } = unwrap(labelledRows(table, [{ labelId: 1, label: 0, input: Uint8Array.of(7, 8) }]));
  expect([dataset.feature('sizes'), unfit]).toEqual([Float32Array.of(7, 8), 0]);
});

test('rows of several columns have no labelled rows', () => {
  const columns = { label: Int32Array.of(0), x: Float32Array.of(1), y: Float32Array.of(1) };
  const table = unwrap(createDataset({ columns, classes: ['a'] }));
  const { dataset, unfit } = unwrap(labelledRows(table, [{ labelId: 1, label: 0, input: Uint8Array.of(1) }]));
  expect([dataset.rows, unfit]).toEqual([0, 1]);
});
