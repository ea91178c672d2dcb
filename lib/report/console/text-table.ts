import Table from 'cli-table3';
import { fitCells } from '../../util/fit-cells.ts';

export interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns that hold numbers, by index: they stand to the right. */
  readonly numbers?: readonly number[];
  /** Characters of a line; cells go on in the line below where a row needs more. */
  readonly room?: number | undefined;
}

/** Borders would only take room: columns are told apart by blanks, the head by a rule. */
const CHARS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** A blank at which nothing is broken: a number stays beside its unit. */
const FIRM = '\u00a0';

/** A table for a terminal or a pipe: no colour, no trailing blanks. */
export function textTable({ head, rows, numbers = [], room = Number.POSITIVE_INFINITY }: TextTable): string {
  const body = rows.map((row) => row.map((cell, at) => (numbers.includes(at) ? cell.replaceAll(' ', FIRM) : cell)));
  const [names = [], ...cells] = fitCells([head, ...body], room);
  const table = new Table({
    head: names,
    colAligns: head.map((_, at) => (numbers.includes(at) ? 'right' : 'left')),
    chars: CHARS,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...cells);
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.replaceAll(FIRM, ' ').trimEnd())
    .join('\n')}\n`;
}
