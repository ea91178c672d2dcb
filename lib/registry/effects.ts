import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Effect } from '../domain/effects.ts';
import type { LedgerEntry } from '../domain/ledger.ts';
import { insertCut } from '../runlog/cuts.ts';
import { insertDriftWindow, insertReference } from '../runlog/drift.ts';
import { lastLabelId } from '../runlog/feedback.ts';
import { aliasEntries, hasKept, writeEntry } from '../runlog/ledger.ts';
import type { RunLog } from '../runlog/open.ts';
import { insertPredictions } from '../runlog/predictions.ts';
import { insertRecords } from '../runlog/records.ts';
import { aliasedVersion, insertVersion, nextVersion, versionOrigin, versionWithHash } from '../runlog/registry.ts';
import { assertNever } from '../util/assert-never.ts';
import { CHAMPION } from './answers.ts';
import { standingOf } from './ledger-rules.ts';
import { mendLinks } from './mend.ts';
import { versionFaults } from './version-faults.ts';
import { publishVersion } from './version-folder.ts';

export interface EffectTarget {
  readonly log: RunLog;
  /** The folder of runs.db and artifacts/. */
  readonly state: string;
  readonly run: number;
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The stage's deps in the store, by name. */
  readonly deps: Readonly<Record<string, { readonly hash: string; readonly folder: string }>>;
}

/**
 * Makes the changes a stage asked for; the caller holds the transaction. Twice is the same as once. What it returns shows them
 * in the file system, and is called when they are on record.
 */
export function applyEffects(target: EffectTarget, effects: readonly Effect[]): () => void {
  const shows = effects.map((effect) => applyEffect(target, effect));
  return () => {
    for (const show of shows) show();
  };
}

const nothingToShow = (): void => undefined;

function applyEffect(target: EffectTarget, effect: Effect): () => void {
  const { log, attempt, at } = target;
  switch (effect.kind) {
    case 'deploy':
      return deploy(target, effect);
    case 'keep':
      return keep(target, effect);
    case 'simulate': {
      const { line, version, entries } = effect;
      insertPredictions(log, { line, version, simulated: true, source: 'simulation', at }, entries);
      return nothingToShow;
    }
    case 'drift':
      insertDriftWindow(log, effect.window, { attempt, at });
      return nothingToShow;
    case 'accept': {
      const { line, simulated } = effect;
      insertCut(log, { line, simulated, lastLabel: lastLabelId(log), attempt, at });
      return nothingToShow;
    }
    default:
      return assertNever(effect);
  }
}

type Deploy = Extract<Effect, { readonly kind: 'deploy' }>;

/** The same bytes are never registered twice: they are the champion already, or an older version that comes back. */
function deploy(target: EffectTarget, effect: Deploy): () => void {
  const { log, state, run, attempt, at, deps } = target;
  const { line, dep, metrics, override, passed = true } = effect;
  const model = deps[dep];
  if (model === undefined) throw new Error(`the stage deploys its dep '${dep}', which it does not have`);
  const champion = aliasedVersion(log, line, CHAMPION);
  const known = versionWithHash(log, line, model.hash);
  const version = known?.version ?? nextVersion(log, line);
  const isMove = champion?.version !== version;
  const rolledBack = isMove ? standingOf(aliasEntries(log, line, CHAMPION)).withdrawn.get(version) : undefined;
  if (rolledBack !== undefined && override === undefined) {
    return keepRolledBack(target, { line, version, rolledBack });
  }
  const isStale = effect.against !== undefined && effect.against !== (champion?.version ?? null);
  if (isMove && isStale && override === undefined) return keepMoved(target, { line, against: effect.against });
  const folder = join('artifacts', 'models', line, `v${version}`);
  // The folder of a known version may be gone or damaged; here are its bytes.
  if (known === undefined || versionFaults(join(state, folder), known.hash).length > 0) {
    const origin = versionOrigin(log, line, version) ?? { run, hash: model.hash, metrics };
    publishVersion(join(state, folder), { source: model.folder, line, version, ...origin });
  }
  if (known === undefined)
    insertVersion(log, { line, version, hash: model.hash, folder, metrics, from: { attempt }, at });
  if (effect.reference !== undefined) {
    const reference = deps[effect.reference];
    if (reference !== undefined) {
      insertReference(log, { line, version, reference: readFileSync(reference.folder, 'utf8'), attempt });
    }
  }
  if (isMove) {
    // A person who asked for what the gates gave anyway has overridden nothing.
    const isOverride = override !== undefined && (!passed || rolledBack !== undefined);
    const kind = isOverride ? 'override' : 'deploy';
    const reason = isOverride ? override : effect.reason;
    const from = champion?.version ?? null;
    writeEntry(log, { line, alias: CHAMPION, kind, from, to: version, reason, by: { attempt }, at });
  }
  return () => mendLinks(target);
}

interface RolledBack {
  readonly line: string;
  readonly version: number;
  readonly rolledBack: LedgerEntry;
}

/** Who rolled back had a reason that no run knows of; only a person takes it back. */
function keepRolledBack(target: EffectTarget, { line, version, rolledBack }: RolledBack): () => void {
  const { log, attempt } = target;
  const { actor, at, reason } = rolledBack;
  const day = new Date(at).toISOString().slice(0, 10);
  const why = `v${version} was rolled back by ${actor ?? 'a run'} on ${day} (${reason})`;
  const text = `kept: ${why}; npx mlloop promote v${version} --line ${line} brings it back`;
  insertRecords(log, attempt, [{ kind: 'note', title: 'deploy', text, level: 'warning' }]);
  return keep(target, { line, reason: why });
}

interface MovedMeanwhile {
  readonly line: string;
  readonly against: number | null | undefined;
}

/** Somebody moved the champion between the comparison and the commit: what was proven was proven against another one. */
function keepMoved(target: EffectTarget, { line, against }: MovedMeanwhile): () => void {
  const now = aliasedVersion(target.log, line, CHAMPION)?.version;
  const compared = against === null || against === undefined ? 'no champion' : `v${against}`;
  const why = `${now === undefined ? 'there is no champion any more' : `v${now} became the champion`} while this model was compared with ${compared}`;
  const text = `kept: ${why}; the next run compares again`;
  insertRecords(target.log, target.attempt, [{ kind: 'note', title: 'deploy', text, level: 'warning' }]);
  return keep(target, { line, reason: why });
}

function keep({ log, attempt, at }: EffectTarget, { line, reason }: { line: string; reason: string }): () => void {
  const champion = aliasedVersion(log, line, CHAMPION)?.version ?? null;
  if (!hasKept(log, line, attempt)) {
    const entry = { line, alias: CHAMPION, kind: 'kept', from: champion, to: champion, reason } as const;
    writeEntry(log, { ...entry, by: { attempt }, at });
  }
  return nothingToShow;
}
