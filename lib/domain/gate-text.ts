import { alignColumns } from '../util/align-columns.ts';
import type { GateRecord } from './gate.ts';

/** The columns of a check as people read it. */
export const GATE_HEAD = ['gate', 'check', 'value', 'has to be', 'rows', 'verdict'] as const;

/** One check as people read it, a cell for every column. */
export const gateCells = (row: GateRecord): string[] => [
  row.gate,
  row.slice === null ? row.name : `${row.name}, ${row.slice}`,
  valueText(row),
  boundText(row),
  row.rows === null ? '' : `on ${row.rows} ${row.rows === 1 ? 'row' : 'rows'}`,
  `${row.verdict.replaceAll('_', ' ')}${row.note === '' ? '' : `: ${row.note}`}`,
];

/** Checks as lines, their columns aligned. */
export const gateLines = (rows: readonly GateRecord[], room?: number): string[] =>
  alignColumns(rows.map(gateCells), room);

function valueText({ gate, value, low, high }: GateRecord): string {
  if (value === null) return '-';
  const isDifference = gate === 'champion';
  const shown = isDifference ? signed(value) : String(Number(value.toPrecision(4)));
  if (low === null || high === null) return shown;
  const end = isDifference ? signed : (number: number): string => number.toFixed(4);
  return `${shown} (${end(low)} to ${end(high)})`;
}

const signed = (value: number): string => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`;

/** A model is judged by its number, a difference by the interval that holds it. */
function boundText({ gate, limit, threshold }: GateRecord): string {
  if (limit === null || threshold === null) return '';
  if (gate === 'champion') return `interval ${limit === 'min' ? 'above' : 'below'} ${threshold}`;
  return `${limit === 'min' ? 'at least' : 'at most'} ${threshold}`;
}
