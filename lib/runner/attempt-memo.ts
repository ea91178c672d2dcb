import { stampOf } from '../cache/content.ts';
import type { KeyParts } from '../cache/key.ts';
import type { TaskIdentity } from '../domain/stage.ts';
import type { RunLog } from '../runlog/open.ts';
import { recallTasks, rememberTask } from '../runlog/task-memo.ts';
import { sha256 } from '../util/hash.ts';
import { canonicalJson, type Json, type JsonObject } from '../util/json.ts';
import type { ResolvedDep } from './resolve-deps.ts';
import { writeFault } from './write-fault.ts';

/** Raised whenever the meaning of a key changes. */
const FORMAT = 1;

/** What the tasks of an attempt's very code came to before, on the same deps. */
export interface AttemptMemo {
  recall(identity: TaskIdentity, inputs: readonly Json[]): (Json | null)[];
  remember(identity: TaskIdentity, input: Json, value: Json): void;
}

export interface MemoOptions {
  readonly log: RunLog;
  readonly attempt: number;
  /** The parts of the attempt's key: what decides what its code computes. */
  readonly parts: JsonObject;
  /** The deps of that key. */
  readonly deps: Readonly<Record<string, ResolvedDep>>;
  readonly now: () => number;
}

/**
 * A task's key is made of what the attempt's key is made of, without what a task cannot see: its params, outs, reads and seed
 * (which are in the input as far as they matter), and the deps it does not name.
 */
export function attemptMemo({ log, attempt, parts, deps: keyed, now }: MemoOptions): AttemptMemo {
  const { code, deps: all, packages, platform, env } = parts as unknown as KeyParts;
  const keyOf = ({ task, deps }: TaskIdentity, input: Json): string => {
    const read = Object.fromEntries(deps.map((name) => [name, all[name] ?? 'absent']));
    return sha256(canonicalJson({ format: FORMAT, code, packages, platform, env, task, deps: read, input }));
  };
  return {
    recall: (identity, inputs) =>
      recallTasks(
        log,
        inputs.map((input) => keyOf(identity, input)),
      ),
    remember: (identity, input, value) => {
      // Who knows which of both states the task has read.
      if (identity.deps.some((name) => hasChanged(keyed[name]))) return;
      try {
        rememberTask(log, { key: keyOf(identity, input), task: identity.task, value, attempt, at: now() });
      } catch (error) {
        // A disk without room is told when the attempt ends.
        writeFault(error, log.file);
      }
    },
  };
}

/** Whether what lies outside the store was written to since the key was made. */
function hasChanged(dep: ResolvedDep | undefined): boolean {
  if (dep?.path === undefined || dep.stamp === undefined) return false;
  try {
    return stampOf(dep.path) !== dep.stamp;
  } catch {
    // It is not even there any more.
    return true;
  }
}

/** Remembers nothing. */
export const NO_MEMO: AttemptMemo = { recall: (_, inputs) => inputs.map(() => null), remember: () => undefined };
