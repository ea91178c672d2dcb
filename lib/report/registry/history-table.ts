import type { LedgerEntry } from '../../domain/ledger.ts';
import { textTable } from '../console/text-table.ts';
import { shownTime } from '../runs/format.ts';

const shownVersion = (version: number | null): string => (version === null ? '-' : `v${version}`);

/** One line an entry of the ledger. */
export function historyTable(entries: readonly LedgerEntry[], room?: number): string {
  return textTable({
    head: ['when (UTC)', 'line', 'alias', 'what', 'from', 'to', 'by', 'why'],
    room,
    rows: entries.map(({ at, line, alias, kind, from, to, run, actor, reason }) => [
      shownTime(at),
      line,
      alias ?? '-',
      kind,
      shownVersion(from),
      shownVersion(to),
      actor ?? `run ${run}`,
      reason,
    ]),
  });
}
