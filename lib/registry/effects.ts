import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../cache/store.ts';
import type { Effect } from '../domain/effects.ts';
import { insertCut, lastLabelId } from '../runlog/feedback.ts';
import type { RunLog } from '../runlog/open.ts';
import { insertPredictions } from '../runlog/predictions.ts';
import {
  aliasedVersion,
  allAliases,
  insertVersion,
  moveAlias,
  nextVersion,
  versionOrigin,
  versionWithHash,
} from '../runlog/registry.ts';
import { assertNever } from '../util/assert-never.ts';
import { CHAMPION } from './answers.ts';
import { linkAlias, publishVersion } from './version-folder.ts';

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
    case 'simulate': {
      const { line, version, entries } = effect;
      insertPredictions(log, { line, version, simulated: true, source: 'simulation', at }, entries);
      return nothingToShow;
    }
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
function deploy(target: EffectTarget, { line, dep, metrics, reason }: Deploy): () => void {
  const { log, state, run, attempt, at, deps } = target;
  const model = deps[dep];
  if (model === undefined) throw new Error(`the stage deploys its dep '${dep}', which it does not have`);
  const champion = aliasedVersion(log, line, CHAMPION);
  const known = versionWithHash(log, line, model.hash);
  const version = known?.version ?? nextVersion(log, line);
  const folder = join('artifacts', 'models', line, `v${version}`);
  // The folder of a known version may be gone: a log that was copied without it still knows the bytes.
  if (known === undefined || !existsSync(join(state, folder))) {
    publishVersion(join(state, folder), { source: model.folder, line, version, run, hash: model.hash, metrics });
  }
  if (known === undefined) insertVersion(log, { line, version, hash: model.hash, folder, metrics, attempt, at });
  if (champion?.version !== version) {
    moveAlias(log, { line, alias: CHAMPION, from: champion?.version, to: version, reason, attempt, at });
  }
  return () => linkAlias(join(state, 'artifacts', 'models', line), CHAMPION, version);
}

/**
 * Makes the folders say what the log says: a crash may have come between the two, and a folder that somebody took away is laid
 * out again from the store, where the store still has its bytes.
 */
export async function mendAliases(log: RunLog, state: string, store: Store): Promise<void> {
  for (const { line, alias, version } of allAliases(log)) {
    const models = join(state, 'artifacts', 'models', line);
    const folder = join(models, `v${version}`);
    const made = existsSync(folder) ? undefined : versionOrigin(log, line, version);
    if (made !== undefined && (await store.isWhole(made.hash))) {
      publishVersion(folder, { source: store.pathOf(made.hash), line, version, ...made });
    }
    if (existsSync(folder)) linkAlias(models, alias, version);
  }
}
