import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readNpy, writeNpy } from '../../lib/data/npy.ts';
import { messageOf, unwrap } from './failed.ts';
import { temporaryFolder } from './temporary-folder.ts';

const path = temporaryFolder();

test('a uint8 matrix is written byte for byte as NumPy writes it', () => {
  writeNpy(path('a.npy'), Uint8Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
  const bytes = readFileSync(path('a.npy'));
  expect(bytes.length).toBe(128 + 6);
  expect(bytes.subarray(0, 10).toString('hex')).toBe('934e554d5059010076' + '00');
  expect(bytes.toString('latin1', 10, 128)).toBe(
    `${"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117)}\n`,
  );
  expect([...bytes.subarray(128)]).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a vector has the comma NumPy needs in its shape', () => {
  writeNpy(path('a.npy'), Int32Array.of(7), [1]);
  expect(readFileSync(path('a.npy'), 'latin1')).toContain("'descr': '<i4', 'fortran_order': False, 'shape': (1,), }");
});

test('what was written is read back, of every type and length', () => {
  const arrays = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.int32Array({ maxLength: 40 }),
    fc.float32Array({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(arrays, (data) => {
      writeNpy(path('a.npy'), data, [data.length, 1]);
      const read = unwrap(readNpy(path('a.npy')));
      expect(read.shape).toEqual([data.length, 1]);
      expect(read.data).toEqual(data);
    }),
    { numRuns: 60 },
  );
});

test('a file that is cut off is refused with both lengths', () => {
  writeNpy(path('a.npy'), Float32Array.of(1, 2, 3), [3]);
  writeFileSync(path('a.npy'), readFileSync(path('a.npy')).subarray(0, -4));
  expect(messageOf(readNpy(path('a.npy')), path())).toBe(
    'DIR/a.npy is not an .npy file this program reads: its header announces 12 bytes of data, the file holds 8.\n' +
      'It reads version 1.0, C order, of uint8, int32 or float32.',
  );
});

test('other types, orders and files are refused by what they say they are', () => {
  writeFileSync(path('a.npy'), 'hello, this is text');
  expect(messageOf(readNpy(path('a.npy')))).toContain('it does not begin with \\x93NUMPY.');
  writeNpy(path('a.npy'), Int32Array.of(1), [1]);
  const bytes = readFileSync(path('a.npy'));
  writeFileSync(path('a.npy'), Buffer.from(bytes.toString('latin1').replace('<i4', '<i8'), 'latin1'));
  expect(messageOf(readNpy(path('a.npy')))).toContain("its header is {'descr': '<i8', 'fortran_order': False");
  bytes[6] = 2;
  writeFileSync(path('a.npy'), bytes);
  expect(messageOf(readNpy(path('a.npy')))).toContain('it has version 2.0.');
});
