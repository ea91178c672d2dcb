import { compareKeys, explainChanges, type Key } from '../cache/key.ts';
import type { Store } from '../cache/store.ts';
import { attemptsWithKey, latestAttempt, type PastAttempt } from '../runlog/attempts.ts';
import type { RunLog } from '../runlog/open.ts';
import { hasEffects, type StageCode } from './stage-code.ts';

/** What to do with a stage, and the reason that is shown. */
export type StageVerdict =
  | { readonly verdict: 'fresh' | 'cached'; readonly origin: PastAttempt; readonly why: string }
  | { readonly verdict: 'run'; readonly why: string };

export interface DecideInputs {
  readonly log: RunLog;
  readonly store: Store;
  readonly stage: string;
  readonly code: StageCode;
  readonly key: Key;
  /** Why the stage has to execute whatever its key says; undefined when it does not. */
  readonly forced: string | undefined;
}

/** Fresh when its key is that of what is in place; cached when an older attempt under this key left whole outs. */
export async function decide(inputs: DecideInputs): Promise<StageVerdict> {
  const { log, store, stage, code, key, forced } = inputs;
  if (forced !== undefined) return { verdict: 'run', why: forced };
  const latest = latestAttempt(log, stage);
  if (latest?.key === key.hash) {
    if (await areWhole(store, latest)) return { verdict: 'fresh', origin: latest, why: 'nothing changed' };
    return { verdict: 'run', why: 'its stored outs are missing or damaged' };
  }
  const why = latest === undefined ? 'first time' : explainKey(latest, key);
  if (!hasEffects(code)) {
    for (const past of attemptsWithKey(log, stage, key.hash)) {
      if (await areWhole(store, past)) return { verdict: 'cached', origin: past, why: `${why}; as in run ${past.run}` };
    }
  }
  return { verdict: 'run', why };
}

/** Which parts of the key differ from the attempt that is in place. */
function explainKey(latest: PastAttempt, key: Key): string {
  if (latest.key === null) return 'what it read changed while it ran the last time';
  return explainChanges(compareKeys(latest.keyParts(), key.parts));
}

async function areWhole(store: Store, past: PastAttempt): Promise<boolean> {
  for (const hash of Object.values(past.outs)) {
    if (!(await store.isWhole(hash))) return false;
  }
  return true;
}
