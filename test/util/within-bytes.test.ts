import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withinBytes } from '../../lib/util/within-bytes.ts';

describe('a text that may take so many bytes', () => {
  test('is left as it is where it fits, and else ends after a whole line with what stands for the rest', () => {
    expect(withinBytes('ä\nb\n', 5, '…')).toBe('ä\nb\n');
    expect(withinBytes('first\nsecond\nthird\n', 12, 'more\n')).toBe('first\nmore\n');
    expect(withinBytes('first\nsecond\n', 3, 'more\n')).toBe('');
  });

  test('never takes more, whatever its characters are', () => {
    const line = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.array(line), fc.nat(200), line, (lines, limit, instead) => {
        expect(Buffer.byteLength(withinBytes(lines.join('\n'), limit, instead))).toBeLessThanOrEqual(limit);
      }),
    );
  });
});
