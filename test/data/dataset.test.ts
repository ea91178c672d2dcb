import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createDataset, openDataset, saveDataset, selectRows, writeDataset } from '../../lib/data/dataset.ts';
import { writeNpy } from '../../lib/data/npy.ts';
import { FEEDBACK_IDS_FROM } from '../../lib/data/row-ids.ts';
import { messageOf, unwrap } from './failed.ts';
import { temporaryFolder } from './temporary-folder.ts';

const path = temporaryFolder();

const small = () => ({
  columns: { label: Uint8Array.of(0, 1, 1), pixels: { data: new Uint8Array(12).map((_, at) => at), shape: [2, 2] } },
  classes: ['cat', 'dog'],
});

test('plain typed arrays make a dataset; id, origin and split are filled', () => {
  unwrap(writeDataset(path('d'), small()));
  const dataset = unwrap(openDataset(path('d')));
  expect(dataset.rows).toBe(3);
  expect(dataset.labels).toEqual(Int32Array.of(0, 1, 1));
  expect(dataset.ids).toEqual(Int32Array.of(0, 1, 2));
  expect(dataset.origins).toEqual(Int32Array.of(0, 1, 2));
  expect(dataset.split).toEqual(Uint8Array.of(0, 0, 0));
  expect(dataset.features).toEqual(['pixels']);
  expect(dataset.featureShape('pixels')).toEqual([2, 2]);
  expect(dataset.feature('pixels')).toEqual(new Uint8Array(12).map((_, at) => at));
  expect(dataset.meta.provenance).toEqual([{ source: 'own', rows: 3, sha256: {}, detail: {} }]);
  expect(dataset.meta.generated).toBe(false);
});

test('dataset.json says what the columns are', () => {
  unwrap(writeDataset(path('d'), small()));
  const { columns } = JSON.parse(readFileSync(path('d', 'dataset.json'), 'utf8'));
  expect(columns).toEqual({
    id: { file: 'id.npy', dtype: 'int32', shape: [] },
    label: { file: 'label.npy', dtype: 'int32', shape: [] },
    origin: { file: 'origin.npy', dtype: 'int32', shape: [] },
    pixels: { file: 'pixels.npy', dtype: 'uint8', shape: [2, 2] },
    split: { file: 'split.npy', dtype: 'uint8', shape: [] },
  });
});

test('the same dataset is written as the same bytes', () => {
  unwrap(writeDataset(path('a'), small()));
  saveDataset(path('b'), unwrap(openDataset(path('a'))));
  for (const file of ['dataset.json', 'label.npy', 'id.npy', 'origin.npy', 'split.npy', 'pixels.npy']) {
    expect(readFileSync(path('b', file)).equals(readFileSync(path('a', file)))).toBe(true);
  }
});

test('rows are selected by number, in the order asked for', () => {
  const picked = selectRows(unwrap(createDataset(small())), Int32Array.of(2, 0));
  expect(picked.ids).toEqual(Int32Array.of(2, 0));
  expect(picked.labels).toEqual(Int32Array.of(1, 0));
  expect(picked.feature('pixels')).toEqual(Uint8Array.of(8, 9, 10, 11, 0, 1, 2, 3));
  expect(picked.meta.rows).toBe(2);
});

test('a flat array longer than the rows is a vector a row', () => {
  const columns = { label: Int32Array.of(0, 1), income: Float32Array.of(1, 2, 3, 4, 5, 6), age: Int32Array.of(30, 40) };
  const dataset = unwrap(createDataset({ columns, classes: ['no', 'yes'] }));
  expect(dataset.featureShape('income')).toEqual([3]);
  expect(dataset.featureShape('age')).toEqual([]);
});

test.each([
  [{ pixels: new Uint8Array(5) }, "column 'pixels' holds 5 values, but 2 rows of shape [] are 2"],
  [{ id: Int32Array.of(4, 4) }, 'the id 4 is given to more than one row'],
  [{ split: Uint8Array.of(0, 2) }, 'row 1 has split 2; 0 is train and 1 is test'],
  [{ split: Int32Array.of(0, 1) }, "column 'split' has to be one uint8 a row"],
  [{ label: Float32Array.of(0, 0.5) }, 'row 1 has label 0.5; a label is the number of a class'],
  [{ label: Float32Array.of(0, 2 ** 32) }, 'row 1 has label 4294967296; a label is the number of a class'],
  [
    { id: Int32Array.of(7, FEEDBACK_IDS_FROM + 8) },
    'row 1 has the id 1000000008, but ids from 1000000000 on are those of accepted feedback, of which the provenance names 0 rows',
  ],
  [{ '../x': new Uint8Array(2) }, "the column name '../x' is not made of letters, digits, _ and -"],
  [
    { pixels: { data: new Uint8Array(7), shape: [2, 2] } },
    "column 'pixels' holds 7 values, but 2 rows of shape [2, 2] are 8",
  ],
])('columns that do not fit are refused before anything is written: %j', (columns, problem) => {
  const written = writeDataset(path('d'), { columns: { label: Int32Array.of(0, 1), ...columns }, classes: ['a', 'b'] });
  expect(messageOf(written)).toBe(`These columns do not make a dataset: ${problem}.`);
  expect(existsSync(path('d'))).toBe(false);
});

test('rows that are passed on with their provenance may be feedback', () => {
  const columns = { label: Int32Array.of(0, 1), id: Int32Array.of(7, FEEDBACK_IDS_FROM + 8) };
  const source = (name: string) => ({ source: name, rows: 1, sha256: {}, detail: {} });
  const provenance = [source('mnist'), source('feedback')];
  expect(writeDataset(path('d'), { columns, classes: ['a', 'b'], provenance }).ok).toBe(true);
});

test('a class that is named twice is refused, written or read', () => {
  const twice = { columns: { label: Int32Array.of(0, 1) }, classes: ['a', 'a'] };
  expect(messageOf(writeDataset(path('d'), twice))).toBe(
    "These columns do not make a dataset: the class 'a' is named twice.",
  );
  unwrap(writeDataset(path('d'), small()));
  const text = readFileSync(path('d', 'dataset.json'), 'utf8');
  const meta = JSON.parse(text) as { classes: string[] };
  writeFileSync(path('d', 'dataset.json'), JSON.stringify({ ...meta, classes: [...meta.classes, meta.classes[0]] }));
  expect(messageOf(openDataset(path('d')), path())).toContain(
    `dataset.json names the class '${meta.classes[0]}' twice`,
  );
});

test('a feature may have any name, also one that every object knows', () => {
  const columns = { label: Int32Array.of(0, 1), constructor: Float32Array.of(1, 2) };
  unwrap(writeDataset(path('d'), { columns, classes: ['a', 'b'] }));
  expect(unwrap(openDataset(path('d'))).features).toEqual(['constructor']);
});

test('a folder without dataset.json is no dataset, because that file is written last', () => {
  unwrap(writeDataset(path('d'), small()));
  rmSync(path('d', 'dataset.json'));
  expect(messageOf(openDataset(path('d')), path())).toBe('DIR/d is not a dataset: it holds no dataset.json.');
});

test('a column of another length than dataset.json says is refused with both', () => {
  unwrap(writeDataset(path('d'), small()));
  writeNpy(path('d', 'label.npy'), Int32Array.of(0, 1), [2]);
  expect(messageOf(openDataset(path('d')), path())).toBe(
    'DIR/d is not a dataset: label.npy holds int32 [2], dataset.json says int32 [3].',
  );
});

test('a label that is no class is refused on opening, unless it is opened to be cleaned', () => {
  unwrap(writeDataset(path('d'), { ...small(), classes: ['cat'] }));
  expect(messageOf(openDataset(path('d')), path())).toBe(
    'DIR/d is not a dataset: row 1 has label 1, but the classes run from 0 to 0.',
  );
  expect(unwrap(openDataset(path('d'), { anyLabel: true })).rows).toBe(3);
});

test.each([
  ['{', 'dataset.json is not JSON'],
  ['[]', 'dataset.json holds no object'],
  ['{"format":"other"}', 'dataset.json has format "other" version undefined, not \'mlloop-dataset\' 1'],
])('a broken dataset.json is told by what is wrong: %s', (text, problem) => {
  unwrap(writeDataset(path('d'), small()));
  writeFileSync(path('d', 'dataset.json'), text);
  expect(messageOf(openDataset(path('d')), path())).toBe(`DIR/d is not a dataset: ${problem}.`);
});

test('a column file outside the folder is refused, because only the folder is hashed', () => {
  unwrap(writeDataset(path('d'), small()));
  const text = readFileSync(path('d', 'dataset.json'), 'utf8').replace('"pixels.npy"', '"../pixels.npy"');
  writeFileSync(path('d', 'dataset.json'), text);
  expect(messageOf(openDataset(path('d')), path())).toBe("DIR/d is not a dataset: column 'pixels' names no .npy file.");
});
