import { type Failure, failure } from '../domain/failure.ts';
import { aliasEntries, writeEntry } from '../runlog/ledger.ts';
import type { RunLog } from '../runlog/open.ts';
import { aliasedVersion, registeredVersion, type VersionRow } from '../runlog/registry.ts';
import { faultPoint } from '../util/fault.ts';
import { err, ok, type Result } from '../util/result.ts';
import { CHAMPION } from './answers.ts';
import { isAliasName } from './find-version.ts';
import { standingOf, versionBefore } from './ledger-rules.ts';
import type { Registry } from './mend.ts';
import { wholeVersion } from './whole-version.ts';

/** Who moves an alias, when and why. */
export interface Mover {
  readonly actor: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly reason: string;
}

/** Where an alias pointed before, and points now; both the same where nothing had to be done. */
export interface Moved {
  readonly line: string;
  readonly alias: string;
  readonly from: number | null;
  readonly to: number;
}

/** Points an alias at a version that is whole. */
export async function promote(
  registry: Registry,
  row: VersionRow,
  { alias, actor, at, reason }: Mover & { readonly alias: string },
): Promise<Result<Moved, Failure>> {
  const { log } = registry;
  if (!isAliasName(alias)) return err(failure('REGISTRY_ALIAS_NAME', { alias }));
  const whole = await wholeVersion(registry, row);
  if (!whole.ok) return whole;
  const { line, version: to } = row;
  const from = log.atomically(() => {
    const before = aliasedVersion(log, line, alias)?.version ?? null;
    if (before !== to) writeEntry(log, { line, alias, kind: 'promote', from: before, to, reason, by: { actor }, at });
    return before;
  });
  faultPoint('alias.recorded');
  return ok({ line, alias, from, to });
}

/** Points the champion back at a version that was live before: at the one before this, or at a named one. */
export async function rollBack(
  registry: Registry,
  line: string,
  { to, actor, at, reason }: Mover & { readonly to: VersionRow | undefined },
): Promise<Result<Moved, Failure>> {
  const { log } = registry;
  const planned = planRollback(log, line, to?.version);
  if (!planned.ok) return planned;
  const { from, row } = planned.value;
  const move = { line, alias: CHAMPION, from, to: row.version };
  if (from === row.version) return ok(move);
  const whole = await wholeVersion(registry, row);
  if (!whole.ok) return whole;
  const other = log.atomically(() => {
    const now = aliasedVersion(log, line, CHAMPION)?.version ?? null;
    // Of two who go back one step at the same time, the second would go back two.
    if (now !== from) return { version: now };
    writeEntry(log, { ...move, kind: 'rollback', reason, by: { actor }, at });
    return undefined;
  });
  faultPoint('alias.recorded');
  return other === undefined ? ok(move) : err(failure('REGISTRY_MOVED', { line, alias: CHAMPION, ...other }));
}

interface Rollback {
  readonly from: number;
  readonly row: VersionRow;
}

function planRollback(log: RunLog, line: string, to: number | undefined): Result<Rollback, Failure> {
  return log.reading(() => {
    const champion = aliasedVersion(log, line, CHAMPION);
    if (champion === undefined) return err(failure('REGISTRY_NO_CHAMPION', { line }));
    const { version } = champion;
    const entries = aliasEntries(log, line, CHAMPION);
    if (to !== undefined && to !== version && !entries.some((entry) => entry.to === to && entry.kind !== 'kept')) {
      return err(failure('REGISTRY_NEVER_LIVE', { line, version: to }));
    }
    const target = to ?? versionBefore(standingOf(entries), version);
    const row = target === undefined ? undefined : registeredVersion(log, line, target);
    return row === undefined ? err(failure('REGISTRY_NO_WAY_BACK', { line, version })) : ok({ from: version, row });
  });
}

/** Takes an alias away; the champion stays, because something has to answer. */
export function removeAlias(
  { log }: Registry,
  line: string,
  { alias, actor, at, reason }: Mover & { readonly alias: string },
): Result<{ readonly from: number }, Failure> {
  if (alias === CHAMPION) return err(failure('REGISTRY_CHAMPION_STAYS', { line }));
  return log.atomically(() => {
    const from = aliasedVersion(log, line, alias)?.version;
    if (from === undefined) return err(failure('REGISTRY_MOVED', { line, alias, version: null }));
    writeEntry(log, { line, alias, kind: 'remove', from, to: null, reason, by: { actor }, at });
    return ok({ from });
  });
}
