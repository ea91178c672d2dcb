import type { Author, DeploymentKind, JustifiedEntry, LedgerEntry } from '../domain/ledger.ts';
import { assertNever } from '../util/assert-never.ts';
import { gatesOfEntry } from './gates.ts';
import type { RunLog } from './open.ts';
import { runNameOf } from './run-name.ts';

export interface NewEntry {
  readonly line: string;
  readonly alias: string | null;
  readonly kind: DeploymentKind;
  readonly from: number | null;
  readonly to: number | null;
  readonly reason: string;
  readonly by: Author;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Adds an entry to the ledger, and makes the alias what it says. The caller holds the transaction. */
export function writeEntry(log: RunLog, entry: NewEntry): void {
  const { line, alias, kind, from, to, reason, by, at } = entry;
  const attempt = 'attempt' in by ? by.attempt : null;
  const actor = 'actor' in by ? by.actor : null;
  log
    .prepare(`INSERT INTO deployment (line, alias, kind, from_version, to_version, reason, attempt, actor, at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    .run(line, alias, kind, from, to, reason, attempt, actor, at);
  switch (kind) {
    case 'kept':
    case 'import':
      return;
    case 'remove':
      log.prepare('DELETE FROM alias WHERE line = ? AND alias = ?').run(line, alias);
      return;
    case 'deploy':
    case 'override':
    case 'promote':
    case 'rollback':
      log
        .prepare(`INSERT INTO alias (line, alias, version) VALUES (?, ?, ?)
          ON CONFLICT (line, alias) DO UPDATE SET version = excluded.version`)
        .run(line, alias, to);
      return;
    default:
      assertNever(kind);
  }
}

const ENTRIES = `SELECT deployment.id, deployment.line, deployment.alias, deployment.kind, deployment.from_version AS "from",
  deployment.to_version AS "to", deployment.reason, ${runNameOf('run')} AS run, deployment.actor, deployment.at
  FROM deployment LEFT JOIN attempt ON attempt.id = deployment.attempt LEFT JOIN run ON run.id = attempt.run`;

/** When an entry was made, to be sorted by with those of other logs; a clock that was set back changes no order within a log. */
const IN_TIME = 'max(deployment.at) OVER (PARTITION BY deployment.id > 0 ORDER BY deployment.id)';

/** The ledger of one alias as it was moved here, oldest first. */
export const aliasEntries = (log: RunLog, line: string, alias: string): LedgerEntry[] =>
  log
    .prepare(
      `${ENTRIES} WHERE deployment.line = ? AND deployment.alias = ? AND deployment.id > 0 ORDER BY deployment.id`,
    )
    .all(line, alias) as LedgerEntry[];

/** Whether an attempt has left the alias where it was, on record. */
export const hasKept = (log: RunLog, line: string, attempt: number): boolean =>
  log.prepare("SELECT 1 FROM deployment WHERE attempt = ? AND line = ? AND kind = 'kept'").get(attempt, line) !==
  undefined;

/** A number that grows with every entry: whoever follows the registry looks at nothing else while it stays the same. */
export const lastEntry = (log: RunLog): number =>
  (log.prepare('SELECT coalesce(max(id), 0) AS last FROM deployment').get() as { readonly last: number }).last;

export interface LedgerQuery {
  /** Every line, when it is left out. */
  readonly line: string | undefined;
  readonly limit: number;
}

/** The ledger, newest entry first, with those of other logs that were merged into this one. */
export const readLedger = (log: RunLog, { line, limit }: LedgerQuery): JustifiedEntry[] =>
  justified(
    log,
    log
      .prepare(
        `${ENTRIES} WHERE :line IS NULL OR deployment.line = :line ORDER BY ${IN_TIME} DESC, deployment.id DESC LIMIT :limit`,
      )
      .all({ line: line ?? null, limit }) as LedgerEntry[],
  );

export const countEntries = (log: RunLog, line: string | undefined): number =>
  log
    .prepare('SELECT count(*) FROM deployment WHERE :line IS NULL OR line = :line')
    .pluck()
    .get({ line: line ?? null }) as number;

const justified = (log: RunLog, entries: readonly LedgerEntry[]): JustifiedEntry[] =>
  entries.map((entry) => ({ ...entry, gates: gatesOfEntry(log, entry.id) }));

/** Entries that speak of a version, oldest first. */
export const versionEntries = (log: RunLog, line: string, version: number): JustifiedEntry[] =>
  justified(
    log,
    log
      .prepare(`${ENTRIES} WHERE deployment.line = :line AND (from_version = :version OR to_version = :version)
        ORDER BY ${IN_TIME}, deployment.id`)
      .all({ line, version }) as LedgerEntry[],
  );
