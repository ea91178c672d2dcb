import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDataset, openDataset, saveDataset } from '../../lib/data/dataset.ts';
import { readRows } from '../../lib/data/read-rows.ts';
import { unwrap } from './failed.ts';
import { temporaryFolder } from './temporary-folder.ts';

const inFolder = temporaryFolder();

const VALUES = {
  uint8: Uint8Array.from({ length: 60 }, (_, at) => (at * 7) % 256),
  int32: Int32Array.from({ length: 60 }, (_, at) => at * 100_000 - 5),
  float32: Float32Array.from({ length: 60 }, (_, at) => at / 8),
};

test.each(['uint8', 'int32', 'float32'] as const)('rows of %s come from the file as they are in memory', (type) => {
  const folder = inFolder('dataset');
  const columns = { label: new Int32Array(20), x: { data: VALUES[type], shape: [3] } };
  saveDataset(folder, unwrap(createDataset({ columns, classes: ['a'] })));
  const dataset = unwrap(openDataset(folder));
  const file = dataset.featureFile('x');
  if (file === undefined) throw new Error('an opened dataset has files');
  fc.assert(
    fc.property(fc.array(fc.nat(19), { maxLength: 40 }), (rows) => {
      const expected = rows.flatMap((row) => [...VALUES[type].subarray(row * 3, row * 3 + 3)]);
      expect([...readRows(file, Int32Array.from(rows), 3)]).toEqual(expected);
    }),
  );
  expect(dataset.feature('x')).toEqual(VALUES[type]);
});
