import type { RunLog } from './open.ts';

/** A row of a feedback file that could not be taken. */
export interface QuarantinedRow {
  /** SHA-256 of the file. */
  readonly file: string;
  readonly line: number;
  readonly reason: string;
  /** How the row begins. */
  readonly text: string;
  readonly source: string;
  readonly at: number;
}

/** Keeps a row that could not be taken; one of the same file and line that is kept already stays. */
export function quarantine(log: RunLog, { file, line, reason, text, source, at }: QuarantinedRow): void {
  log
    .prepare(`INSERT INTO quarantined_feedback (file, line, reason, text, source, at) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING`)
    .run(file, line, reason, text, source, at);
}

/** What is kept of rows that could not be taken, in the order of their files and lines. */
export const quarantinedRows = (log: RunLog): QuarantinedRow[] =>
  log.prepare('SELECT * FROM quarantined_feedback ORDER BY at, file, line').all() as QuarantinedRow[];

/** Lets go of all of them, and says how many there were. */
export const clearQuarantine = (log: RunLog): number => log.prepare('DELETE FROM quarantined_feedback').run().changes;
