import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packFiles, unpackFiles } from '../../lib/search/refit.ts';

const file = fc.record({ name: fc.string(), bytes: fc.uint8Array({ maxLength: 40 }) });

test('a model’s files come out of an answer as they went in, in however many pieces', () => {
  fc.assert(
    fc.property(fc.array(file), fc.integer({ min: 1, max: 12 }), (files, piece) => {
      const answer = JSON.parse(JSON.stringify(packFiles(files, piece)));
      expect(unpackFiles(answer).map(({ name, bytes }) => ({ name, bytes: Uint8Array.from(bytes) }))).toEqual(
        files.map(({ name, bytes }) => ({ name, bytes: Uint8Array.from(bytes) })),
      );
    }),
  );
});
