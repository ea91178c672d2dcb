import type Database from 'better-sqlite3';
import type { RunLog } from '../open.ts';
import { type Chunk, VERDICT } from './stage.ts';

/** A label as it came. */
export interface StagedRow {
  /** Its place among the labels of the file, from 1. */
  readonly seq: number;
  /** The line of the file it stands in. */
  readonly number: number;
  readonly id: string;
  /** A class name. */
  readonly label: string;
  /** Null where the file does not say. */
  readonly source: string | null;
  /** Milliseconds since the epoch; null where the file does not say. */
  readonly at: number | null;
  /** How the row begins; null where nobody will ask. */
  readonly text: string | null;
}

/** Rows in one statement: more bring little, and have to be kept. */
const TOGETHER = 100;

const COLUMNS = 'seq, number, id, label, source, at, text';
const WIDTH = 7;

/** Puts rows into a table of the stage, a hundred at a time. */
export interface RowWriter {
  write(row: StagedRow): void;
  /** Writes what is left. */
  flush(): void;
}

export function rowWriter({ database }: RunLog, table: 'staged_row' | 'repeated_row' | 'single_row'): RowWriter {
  const insert = (rows: number): Database.Statement =>
    database.prepare(
      `INSERT INTO temp.${table} (${COLUMNS}) VALUES ${Array(rows).fill('(?, ?, ?, ?, ?, ?, ?)').join(', ')}`,
    );
  const [many, one] = [insert(TOGETHER), insert(1)];
  let waiting: (string | number | null)[] = [];
  return {
    write: ({ seq, number, id, label, source, at, text }) => {
      waiting.push(seq, number, id, label, source, at, text);
      if (waiting.length < TOGETHER * WIDTH) return;
      many.run(waiting);
      waiting = [];
    },
    flush: () => {
      for (let at = 0; at < waiting.length; at += WIDTH) one.run(waiting.slice(at, at + WIDTH));
      waiting = [];
    },
  };
}

/** How many rows are looked at together. */
const PAGE = 1000;

/** Labels between two places in the file that are to land one by one, in its order. */
export function* singleRows(log: RunLog, { from, to }: Pick<Chunk, 'from' | 'to'>): Generator<StagedRow> {
  const page = log.database.prepare(
    `SELECT ${COLUMNS} FROM temp.single_row WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ${PAGE}`,
  );
  for (let next = from; ; ) {
    const rows = page.all(next, to) as StagedRow[];
    yield* rows;
    if (rows.length < PAGE) return;
    next = (rows.at(-1)?.seq ?? to) + 1;
  }
}

/** All rows whose id may have come before, id by id, each in the order of the file. */
export function* repeatedRows(log: RunLog): Generator<StagedRow> {
  const page = log.database.prepare(
    `SELECT ${COLUMNS} FROM temp.repeated_row WHERE (id, seq) > (?, ?) ORDER BY id, seq LIMIT ${PAGE}`,
  );
  for (let [id, seq] = ['', 0]; ; ) {
    const rows = page.all(id, seq) as StagedRow[];
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    [id, seq] = [last.id, last.seq];
  }
}

/**
 * Puts before the repeated rows what came first of their ids, with 0 for the line it stands in: what is to land, and what the log
 * knew, because this file has said it, too. A row that was refused has changed nothing for those behind it.
 */
export function addFirstRows({ database }: RunLog): void {
  database.exec(`INSERT INTO temp.repeated_row (seq, number, id, label, source, at)
    SELECT row.seq, 0, row.id, class.name, row.source, row.at FROM temp.checked_row AS row
      CROSS JOIN main.prediction AS asked ON asked.id = row.id
      JOIN temp.named_class AS class ON class.line = asked.line AND class.version = asked.version AND class.number = row.label
      WHERE row.verdict IN (${VERDICT.add}, ${VERDICT.known}) AND row.id IN (SELECT id FROM temp.repeated_row)
    UNION ALL
    SELECT seq, 0, id, label, source, at FROM temp.single_row WHERE id IN (SELECT id FROM temp.repeated_row)`);
}
