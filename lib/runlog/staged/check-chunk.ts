import type { RunLog } from '../open.ts';
import { type Chunk, VERDICT } from './stage.ts';
import type { StagedRow } from './staged-rows.ts';

export interface ChunkChecker {
  /** Checks the staged rows and takes them off the stage; those that take a closer look are handed over before that. */
  check(from: number, to: number, look: (row: StagedRow) => void): { readonly chunk: Chunk; readonly known: number };
  /** Lines of models whose predictions were given labels, or have those that came. */
  lines(): string[];
}

/** The label of a row comes after the one that counts: it is younger, and of the same moment the order is the same in every log. */
const YOUNGER = '(row.at, coalesce(row.source, :source), class.number) > (last.at, last.source, last.label)';
const SAME = '(row.at, coalesce(row.source, :source), class.number) = (last.at, last.source, last.label)';

// In the order of their ids, rows touch each page of the log once. LIMIT keeps SQLite from forgetting that order.
const CHECK = `INSERT INTO temp.checked_row (seq, id, label, source, at, verdict, line)
  SELECT row.seq, row.id, class.number, row.source, row.at, CASE
      WHEN class.number IS NULL OR asked.simulated THEN ${VERDICT.look}
      WHEN last.id IS NULL THEN ${VERDICT.add}
      WHEN row.at IS NOT NULL THEN CASE WHEN ${YOUNGER} THEN ${VERDICT.add} WHEN ${SAME} THEN ${VERDICT.known} ELSE ${VERDICT.look} END
      WHEN last.label = class.number THEN ${VERDICT.known}
      WHEN last.source = :source THEN ${VERDICT.look}
      ELSE ${VERDICT.add} END, iif(:several, asked.line, NULL)
  FROM (SELECT seq, id, label, source, at FROM temp.staged_row ORDER BY id LIMIT -1) AS row
  LEFT JOIN main.prediction AS asked ON asked.id = row.id
  LEFT JOIN temp.named_class AS class ON class.line = asked.line AND class.version = asked.version AND class.name = row.label
  LEFT JOIN main.label AS last ON last.id = (SELECT max(id) FROM main.label WHERE label.prediction = asked.id)`;

/** Rows that take a closer look are looked at this many at a time. */
const PAGE = 1000;

/** Checks rows many at a time against the log as it is. `source` is that of labels that name none. */
export function chunkChecker(log: RunLog, source: string, lines: readonly string[]): ChunkChecker {
  const { database } = log;
  const several = Number(lines.length > 1);
  const check = database.prepare(CHECK);
  const known = database
    .prepare(`SELECT count(*) FROM temp.checked_row WHERE place >= ? AND verdict = ${VERDICT.known}`)
    .pluck();
  const look = database.prepare(`SELECT checked.place, row.* FROM temp.checked_row AS checked
    CROSS JOIN temp.staged_row AS row ON row.seq = checked.seq
    WHERE checked.place >= ? AND checked.verdict = ${VERDICT.look} ORDER BY checked.place LIMIT ${PAGE}`);
  const empty = database.prepare('DELETE FROM temp.staged_row');
  let last = 0;
  return {
    check: (from, to, hand) => {
      const first = last + 1;
      last += check.run({ source, several }).changes;
      for (let next = first; ; ) {
        const rows = look.all(next) as (StagedRow & { readonly place: number })[];
        for (const { place, ...row } of rows) {
          hand(row);
          next = place + 1;
        }
        if (rows.length < PAGE) break;
      }
      empty.run();
      return { chunk: { from, to, first, last }, known: known.get(first) as number };
    },
    lines: () => {
      const kept = `SELECT DISTINCT line FROM temp.checked_row WHERE verdict <> ${VERDICT.look}`;
      const found = database
        .prepare(`${kept} LIMIT ${Math.max(1, lines.length)}`)
        .pluck()
        .all() as (string | null)[];
      return found.flatMap((line) => line ?? lines);
    },
  };
}
