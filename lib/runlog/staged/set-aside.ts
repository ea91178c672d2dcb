import type { RunLog } from '../open.ts';
import type { QuarantinedRow } from '../quarantine.ts';

export type SetAside = Pick<QuarantinedRow, 'line' | 'reason' | 'text'>;

export const stageSetAside = ({ database }: RunLog, { line, reason, text }: SetAside): void =>
  void database.prepare('INSERT INTO temp.set_aside (number, reason, text) VALUES (?, ?, ?)').run(line, reason, text);

export const countSetAside = ({ database }: RunLog): number =>
  database.prepare('SELECT count(*) FROM temp.set_aside').pluck().get() as number;

/** Keeps rows that were set aside, from one place among them to another; one of the same file and line that is kept already stays. */
export function landSetAside(
  { database }: RunLog,
  { from, to }: { readonly from: number; readonly to: number },
  of: Pick<QuarantinedRow, 'file' | 'source' | 'at'>,
): void {
  database
    .prepare(`INSERT INTO main.quarantined_feedback (file, line, reason, text, source, at)
      SELECT :file, number, reason, text, :source, :at FROM temp.set_aside WHERE place BETWEEN :from AND :to
      ON CONFLICT DO NOTHING`)
    .run({ ...of, from, to });
}
