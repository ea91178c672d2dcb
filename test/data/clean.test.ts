import { expect, test } from 'vitest';
import { cleanDataset } from '../../lib/data/clean.ts';
import { createDataset, type DatasetInput } from '../../lib/data/dataset.ts';
import { FEEDBACK_IDS_FROM } from '../../lib/data/row-ids.ts';
import { unwrap } from './failed.ts';

/** Rows of one image of 1 x 2 pixels each. */
const dataset = (rows: readonly { pixels: [number, number]; label: number; split?: number; id?: number }[]) => {
  const columns: DatasetInput['columns'] = {
    label: Int32Array.from(rows, ({ label }) => label),
    split: Uint8Array.from(rows, ({ split = 0 }) => split),
    id: Int32Array.from(rows, ({ id }, row) => id ?? row),
    pixels: { data: Uint8Array.from(rows.flatMap(({ pixels }) => pixels)), shape: [1, 2] },
  };
  return unwrap(createDataset({ columns, classes: ['a', 'b'] }));
};

const NONE = { blank: 0, badLabel: 0, duplicateInTrain: 0, duplicateInTest: 0, trainAlsoInTest: 0, conflicting: 0 };

test('sound rows stay, and the report is all zeros', () => {
  const whole = dataset([
    { pixels: [1, 2], label: 0 },
    { pixels: [2, 1], label: 1, split: 1 },
  ]);
  const { dataset: cleaned, report } = cleanDataset(whole);
  expect(cleaned).toBe(whole);
  expect(report).toEqual(NONE);
});

test('blank and constant images and labels that are no class go, each counted once', () => {
  const { dataset: cleaned, report } = cleanDataset(
    dataset([
      { pixels: [0, 0], label: 0 },
      { pixels: [9, 9], label: 1, split: 1 },
      { pixels: [1, 2], label: 2 },
      { pixels: [7, 7], label: -1 },
      { pixels: [3, 4], label: 1 },
    ]),
  );
  expect(cleaned.ids).toEqual(Int32Array.of(4));
  expect(report).toEqual({ ...NONE, blank: 2, badLabel: 2 });
});

test('of duplicates the first stays; one with another label is counted as conflicting too', () => {
  const { dataset: cleaned, report } = cleanDataset(
    dataset([
      { pixels: [1, 2], label: 0 },
      { pixels: [1, 2], label: 0 },
      { pixels: [1, 2], label: 1 },
      { pixels: [5, 6], label: 1, split: 1 },
      { pixels: [5, 6], label: 1, split: 1 },
    ]),
  );
  expect(cleaned.ids).toEqual(Int32Array.of(0, 3));
  expect(report).toEqual({ ...NONE, duplicateInTrain: 2, duplicateInTest: 1, conflicting: 1 });
});

test('a training row that is also in the test set leaves the training rows, feedback or not', () => {
  const { dataset: cleaned, report } = cleanDataset(
    dataset([
      { pixels: [1, 2], label: 0 },
      { pixels: [3, 4], label: 0 },
      { pixels: [1, 2], label: 0, split: 1 },
      { pixels: [1, 2], label: 1, id: FEEDBACK_IDS_FROM + 1 },
    ]),
  );
  expect(cleaned.ids).toEqual(Int32Array.of(1, 2));
  expect(report).toEqual({ ...NONE, trainAlsoInTest: 2, conflicting: 1 });
});

test('feedback stays before the row of the source it repeats, the latest before earlier feedback', () => {
  const { dataset: cleaned, report } = cleanDataset(
    dataset([
      { pixels: [1, 2], label: 0 },
      { pixels: [1, 2], label: 0, id: FEEDBACK_IDS_FROM + 3 },
      { pixels: [1, 2], label: 1, id: FEEDBACK_IDS_FROM + 4 },
    ]),
  );
  expect(cleaned.ids).toEqual(Int32Array.of(FEEDBACK_IDS_FROM + 4));
  expect(cleaned.labels).toEqual(Int32Array.of(1));
  expect(report).toEqual({ ...NONE, duplicateInTrain: 2, conflicting: 2 });
});

test('of a row that will be drawn for the test set feedback is the copy', () => {
  const rows = dataset([
    { pixels: [1, 2], label: 0 },
    { pixels: [3, 4], label: 0 },
    { pixels: [1, 2], label: 1, id: FEEDBACK_IDS_FROM + 3 },
    { pixels: [3, 4], label: 1, id: FEEDBACK_IDS_FROM + 4 },
  ]);
  const { dataset: cleaned, report } = cleanDataset(rows, (row) => row === 0);
  expect(cleaned.ids).toEqual(Int32Array.of(0, FEEDBACK_IDS_FROM + 4));
  expect(report).toEqual({ ...NONE, trainAlsoInTest: 1, duplicateInTrain: 1, conflicting: 2 });
});

test('a dataset without images is cleaned of labels and duplicates', () => {
  const columns = {
    label: Int32Array.of(0, 0, 1, 5),
    age: Float32Array.of(1.5, 1.5, 0, 2),
    sex: Int32Array.of(1, 1, 0, 0),
  };
  const { dataset: cleaned, report } = cleanDataset(unwrap(createDataset({ columns, classes: ['no', 'yes'] })));
  expect(cleaned.ids).toEqual(Int32Array.of(0, 2));
  expect(report).toEqual({ ...NONE, duplicateInTrain: 1, badLabel: 1 });
});
