import { countForgotten } from '../forget.ts';
import type { RunLog } from '../open.ts';
import { countPast } from '../past-answers.ts';
import type { NewLabel } from '../predictions.ts';
import { type Chunk, VERDICT } from './stage.ts';

/** What the labels of a chunk mean where the file does not say. */
export interface Unsaid {
  readonly source: string;
  readonly at: number;
}

/** A checked row that did not land: something was written to the log since it was checked. */
export interface LeftRow {
  readonly seq: number;
  readonly id: string;
  /** Number of the class. */
  readonly label: number;
  readonly source: string | null;
  readonly at: number | null;
}

export interface ChunkLander {
  /**
   * Puts the labels of a chunk on record, and gives how many; each gets the number `base` and its place in the file make. The caller
   * holds the transaction.
   */
  land(chunk: Chunk, base: number): { readonly added: number; readonly left: readonly LeftRow[] };
  /** Says that what was written in this transaction was the chunk's own. The caller holds the transaction. */
  settled(): void;
}

const ROWS = `INSERT INTO main.label (id, prediction, label, source, at)
  SELECT :base + row.seq, row.id, row.label, coalesce(row.source, :source), coalesce(row.at, :at) FROM temp.checked_row AS row`;

const OF_CHUNK = `row.place BETWEEN :first AND :last AND row.verdict = ${VERDICT.add}`;

const AGAIN = `${ROWS} CROSS JOIN main.prediction AS asked ON asked.id = row.id
  LEFT JOIN main.label AS newest ON newest.id = (SELECT max(id) FROM main.label WHERE label.prediction = row.id)
  WHERE ${OF_CHUNK} AND CASE WHEN newest.id IS NULL THEN TRUE WHEN row.at IS NULL THEN newest.label <> row.label
    ELSE (row.at, coalesce(row.source, :source), row.label) > (newest.at, newest.source, newest.label) END`;

/**
 * By what it is known that no label came and no prediction went. A prediction goes when it is forgotten, or when nobody has labelled it
 * for long, and in no other way.
 */
export const labelMark = (log: RunLog): string => `${lastNumber(log)} ${countForgotten(log)} ${countPast(log)}`;

/** The highest number a label has or had. */
export const lastNumber = (log: RunLog): number =>
  log.prepare("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'label'").pluck().get() as number;

/**
 * Puts checked rows on record. Where labels came or predictions went since the mark was taken, and so maybe since the rows were
 * checked, they are checked again.
 */
export function chunkLander(log: RunLog, mark: string, unsaid: Unsaid): ChunkLander {
  const { database } = log;
  const land = database.prepare(`${ROWS} WHERE ${OF_CHUNK}`);
  const landAgain = database.prepare(AGAIN);
  const left = database.prepare(`SELECT row.seq, row.id, row.label, row.source, row.at FROM temp.checked_row AS row
    LEFT JOIN main.label AS landed ON landed.id = :base + row.seq WHERE ${OF_CHUNK} AND landed.id IS NULL ORDER BY row.seq`);
  let known = mark;
  let isAsChecked = true;
  return {
    land: ({ first, last }, base) => {
      const range = { first, last, base };
      isAsChecked &&= labelMark(log) === known;
      if (isAsChecked) return { added: land.run({ ...range, ...unsaid }).changes, left: [] };
      const { changes } = landAgain.run({ ...range, ...unsaid });
      return { added: changes, left: left.all(range) as LeftRow[] };
    },
    settled: () => {
      known = labelMark(log);
    },
  };
}

/** Adds a label with a number that is free. */
export function insertNumbered(log: RunLog, number: number, { prediction, label, source, at }: NewLabel): void {
  log
    .prepare('INSERT INTO label (id, prediction, label, source, at) VALUES (?, ?, ?, ?, ?)')
    .run(number, prediction, label, source, at);
}
