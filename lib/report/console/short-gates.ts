import type { GateRecord } from '../../domain/gate.ts';
import { gateCells } from '../../domain/gate-text.ts';

/** Verdicts that a person has to see each of. */
const TOLD: readonly GateRecord['verdict'][] = ['warning', 'refused', 'worse', 'lost', 'not_comparable'];

/**
 * The cells of some checks, short enough for a summary: checks of the data that passed are one line, and of those made class by
 * class the lowest stands for all, unless one of them says something else.
 */
export function shortGates(rows: readonly GateRecord[]): string[][] {
  const quiet = rows.filter(({ gate, verdict }) => gate === 'data' && verdict === 'passed');
  const rest = rows.filter((row) => !quiet.includes(row));
  const shown = rest.filter((row) => !isByClass(row) || TOLD.includes(row.verdict) || isLowest(row, rest));
  return [
    ...(quiet.length === 0 ? [] : [['data', `${quiet.length} checks`, '', '', '', 'passed']]),
    ...shown.map((row) => (isByClass(row) && !TOLD.includes(row.verdict) ? lowestCells(row, rest) : gateCells(row))),
  ];
}

const isByClass = ({ slice }: GateRecord): boolean => slice?.startsWith('class ') ?? false;

const siblings = (row: GateRecord, rows: readonly GateRecord[]): GateRecord[] =>
  rows.filter(
    (other) => isByClass(other) && other.gate === row.gate && other.name === row.name && other.limit === row.limit,
  );

function isLowest(row: GateRecord, rows: readonly GateRecord[]): boolean {
  const all = siblings(row, rows);
  if (all.some(({ verdict }) => TOLD.includes(verdict))) return false;
  const lowest = all.reduce((least, other) => ((other.value ?? 0) < (least.value ?? 0) ? other : least));
  return row === lowest;
}

function lowestCells(row: GateRecord, rows: readonly GateRecord[]): string[] {
  const [gate = '', check = '', ...more] = gateCells(row);
  return [gate, `${check}, the lowest of ${siblings(row, rows).length}`, ...more];
}
