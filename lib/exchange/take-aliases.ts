import { join } from 'node:path';
import { standingOf } from '../registry/ledger-rules.ts';
import { versionFaults } from '../registry/version-faults.ts';
import { aliasEntries, writeEntry } from '../runlog/ledger.ts';
import type { RunLog } from '../runlog/open.ts';
import { registeredVersion } from '../runlog/registry.ts';

export interface AliasTaking {
  /** Whether aliases that point elsewhere here are moved to where they point there. */
  readonly promote: boolean;
  /** Who imports. */
  readonly actor: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** An alias of the log that came, and what became of it. */
export interface AliasThere {
  readonly line: string;
  readonly alias: string;
  /** The version it points at there, by its number here. */
  readonly version: number;
  /** The version it pointed at here before; null where there was none. */
  readonly before: number | null;
  /**
   * `same`: both pointed there; `moved`: it does now; `kept`: it was left where it was, because nobody asked to move it;
   * `rolled_back`: because somebody here rolled back from that version; `not_whole`: because its files are not whole.
   */
  readonly outcome: 'same' | 'moved' | 'kept' | 'rolled_back' | 'not_whole';
}

interface Row {
  readonly line: string;
  readonly alias: string;
  readonly version: number;
  readonly before: number | null;
  readonly reason: string | null;
}

const ALIASES = `SELECT alias.line, alias.alias, model.ours AS version, here.version AS before,
    (SELECT reason FROM source.deployment AS entry WHERE entry.line = alias.line AND entry.alias = alias.alias
      AND entry.to_version = alias.version AND entry.kind <> 'kept' ORDER BY entry.id DESC LIMIT 1) AS reason
  FROM source.alias JOIN version_map AS model ON model.line = alias.line AND model.theirs = alias.version
  LEFT JOIN main.alias AS here ON here.line = alias.line AND here.alias = alias.alias ORDER BY alias.line, alias.alias`;

export interface AliasSource {
  readonly state: string;
  /** What the log that came is called. */
  readonly theirs: string;
  readonly continues: boolean;
}

/**
 * Moves aliases to where they point in the attached log: all, where that is this one at a later time; else those there are none of
 * here, and the others when it is asked for. The caller holds the transaction, and the maps are there.
 */
export function takeAliases(log: RunLog, source: AliasSource, taking: AliasTaking): readonly AliasThere[] {
  const rows = log.database.prepare(ALIASES).all() as Row[];
  if (source.continues) {
    // Its ledger came with it.
    log.database.exec(`DELETE FROM main.alias; INSERT INTO main.alias (line, alias, version)
      SELECT alias.line, alias.alias, model.ours FROM source.alias
      JOIN version_map AS model ON model.line = alias.line AND model.theirs = alias.version`);
  }
  return rows.map((row) => {
    const { line, alias, version, before } = row;
    return {
      line,
      alias,
      version,
      before,
      outcome: source.continues ? outcomeOf(row) : take(log, row, source, taking),
    };
  });
}

const outcomeOf = ({ version, before }: Row): 'same' | 'moved' => (version === before ? 'same' : 'moved');

function take(log: RunLog, row: Row, { state, theirs }: AliasSource, taking: AliasTaking): AliasThere['outcome'] {
  const { line, alias, version: to, before: from, reason } = row;
  const { promote, actor, at } = taking;
  if (from === to) return 'same';
  if (from !== null && !promote) return 'kept';
  if (standingOf(aliasEntries(log, line, alias)).withdrawn.has(to)) return 'rolled_back';
  const version = registeredVersion(log, line, to);
  if (version === undefined || versionFaults(join(state, version.folder), version.hash).length > 0) return 'not_whole';
  const why = `as on ${theirs}${reason === null ? '' : `: ${reason}`}`;
  writeEntry(log, { line, alias, kind: 'promote', from, to, reason: why, by: { actor }, at });
  return 'moved';
}
