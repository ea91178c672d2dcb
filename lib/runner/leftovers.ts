import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunLog } from '../runlog/open.ts';
import { cancelLeftovers, interruptLeftovers, type LeftProcess, leftProcesses } from '../runlog/runs.ts';
import { sweepTemporaries } from '../util/fs-atomic.ts';
import { endGroup, endMarked, startOf } from './process-tree.ts';
import type { StateFolder } from './state.ts';

/** How long the kernel may take to end what was killed, in milliseconds. */
const PATIENCE_MS = 2000;

/** Where things are made beside their last place, and how many folders lie in between. An object's own folders hold what a stage made. */
const MADE_IN = { '.': 0, cache: 0, latest: 1, models: 1, objects: 1, runs: 2 } as const;

/**
 * Clears away what a runner that died left: processes that still write into its folders, rows that say they run, half-made
 * outs. Whoever calls holds the run lock, so nothing of this belongs to somebody alive.
 */
export function clearLeftovers(log: RunLog, { state, at }: { readonly state: StateFolder; readonly at: number }): void {
  const left = leftProcesses(log);
  for (const one of left) endProcess(one);
  for (const { mark } of left) waitUntilGone(mark);
  rmSync(join(state.artifacts, 'tmp'), { recursive: true, force: true });
  if (!interruptLeftovers(log, at)) return;
  for (const [folder, depth] of Object.entries(MADE_IN)) sweepTemporaries(join(state.artifacts, folder), depth);
}

/** Ends everything that runs and says so in the log, without waiting for anybody: the program is about to end. */
export function cancelAtOnce(log: RunLog, at: number): void {
  // One command may do several runs after each other, each with the log opened anew.
  if (!log.database.open) return;
  for (const one of leftProcesses(log)) endProcess(one);
  cancelLeftovers(log, at);
}

function endProcess({ pid, started, mark }: LeftProcess): void {
  if (mark !== null) endMarked(mark, 'SIGKILL');
  // A number alone may belong to somebody else by now.
  if (pid !== null && started !== null && startOf(pid) === started) endGroup(pid, 'SIGKILL');
}

function waitUntilGone(mark: string | null): void {
  if (mark === null) return;
  const lock = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; waited < PATIENCE_MS && endMarked(mark, 'SIGKILL') > 0; waited += 10)
    Atomics.wait(lock, 0, 0, 10);
}
