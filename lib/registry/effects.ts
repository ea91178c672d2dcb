import { join } from 'node:path';
import type { Effect } from '../domain/effects.ts';
import { insertCut, insertPredictions, lastLabelId } from '../runlog/feedback.ts';
import type { RunLog } from '../runlog/open.ts';
import { aliasedVersion, insertVersion, moveAlias, nextVersion, versionWithHash } from '../runlog/registry.ts';
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

/** Makes the changes a stage asked for; the caller holds the transaction. Twice is the same as once. */
export function applyEffects(target: EffectTarget, effects: readonly Effect[]): void {
  for (const effect of effects) applyEffect(target, effect);
}

function applyEffect(target: EffectTarget, effect: Effect): void {
  const { log, attempt, at } = target;
  switch (effect.kind) {
    case 'deploy':
      return deploy(target, effect);
    case 'simulate': {
      const { line, version, entries } = effect;
      return insertPredictions(log, { line, version, simulated: true, source: 'simulation', at }, entries);
    }
    case 'accept': {
      const { line, simulated } = effect;
      return insertCut(log, { line, simulated, lastLabel: lastLabelId(log), attempt, at });
    }
    default:
      assertNever(effect);
  }
}

type Deploy = Extract<Effect, { readonly kind: 'deploy' }>;

/** The same bytes are never registered twice: they are the champion already, or an older version that comes back. */
function deploy(target: EffectTarget, { line, dep, metrics, reason }: Deploy): void {
  const { log, state, run, attempt, at, deps } = target;
  const model = deps[dep];
  if (model === undefined) throw new Error(`the stage deploys its dep '${dep}', which it does not have`);
  const champion = aliasedVersion(log, line, CHAMPION);
  if (champion?.hash === model.hash) {
    linkAlias(join(state, 'artifacts', 'models', line), CHAMPION, champion.version);
    return;
  }
  const known = versionWithHash(log, line, model.hash);
  const version = known?.version ?? nextVersion(log, line);
  if (known === undefined) {
    const folder = join('artifacts', 'models', line, `v${version}`);
    publishVersion(join(state, folder), { source: model.folder, line, version, run, hash: model.hash, metrics });
    insertVersion(log, { line, version, hash: model.hash, folder, metrics, attempt, at });
  }
  moveAlias(log, { line, alias: CHAMPION, from: champion?.version, to: version, reason, attempt, at });
  linkAlias(join(state, 'artifacts', 'models', line), CHAMPION, version);
}
