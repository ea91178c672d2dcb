import { describe, expect, test } from 'vitest';
import { alignColumns } from '../../lib/util/align-columns.ts';
import { fitCells, wrapWords } from '../../lib/util/fit-cells.ts';

const ROWS = [
  ['absolute', 'recall, class 5, the lowest of 10', '0.9507', 'passed'],
  ['champion', 'champion', '-', 'first model: nothing is live yet'],
];

describe('cells', () => {
  test('that fit are left alone', () => {
    expect(fitCells(ROWS, 90)).toEqual(ROWS);
    expect(fitCells(ROWS, Number.POSITIVE_INFINITY)).toEqual(ROWS);
  });

  test('go on in the line below where they do not, the widest first', () => {
    expect(alignColumns(ROWS, 56)).toEqual([
      'absolute  recall, class 5,  0.9507  passed',
      '          the lowest of 10',
      'champion  champion          -       first model: nothing',
      '                                    is live yet',
    ]);
  });

  test('are broken between words alone', () => {
    expect(alignColumns([['a-word-that-is-long', 'b c']], 10)).toEqual([
      'a-word-that-is-long  b',
      '                     c',
    ]);
  });
});

test('a line hangs under where it began', () => {
  expect(wrapWords('  newLabels: 500 new labels < 1000', 20)).toEqual(['  newLabels: 500 new', '    labels < 1000']);
  expect(wrapWords('short', 20)).toEqual(['short']);
});
