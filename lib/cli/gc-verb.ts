import { openStore } from '../cache/store.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import type { KeepPolicy, LogPolicy } from '../domain/pipeline.ts';
import { type GarbageReport, garbageText } from '../report/console/garbage-text.ts';
import { countExpired, expireInputs, expiryOf } from '../runlog/expire.ts';
import { keptRuns } from '../runlog/keep.ts';
import type { RunLog } from '../runlog/open.ts';
import { answerSweep, answersExpireBefore, countExpiredAnswers, expireAnswers } from '../runlog/past-answers.ts';
import { artifactBytes } from '../runlog/runs.ts';
import { findGarbage, GARBAGE_KINDS, type Garbage, removeGarbage } from '../runner/garbage.ts';
import { clearLeftovers } from '../runner/leftovers.ts';
import type { CommonOptions, Io } from './io.ts';
import { loadProject } from './load-project.ts';
import { type Folders, foldersOf, refuse } from './project.ts';
import { underLock } from './under-lock.ts';

export interface GcOptions extends CommonOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly wait?: boolean;
}

/** `mlloop gc`: frees what no kept run, version or alias needs. */
export async function gcVerb(options: GcOptions, io: Io): Promise<ExitCode> {
  const folders = foldersOf(options, io);
  // A file that cannot be read says nothing of what is to be kept, so nothing is freed.
  const loaded = loadProject(folders.root, {});
  if (!loaded.ok) return refuse(io, loaded.failure);
  const { keep, log: policy } = loaded.value.pipeline;
  // What a run that died left is garbage, too: it is looked at before it is cleared away.
  const locked = { state: folders.state, wait: options.wait ?? false, keepLeftovers: true };
  return underLock(locked, io, async (log) => {
    const report = collect(log, { folders, keep, policy, now: io.clock.now(), dryRun: options.dryRun ?? false });
    io.stdout(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : garbageText(report));
    return EXIT.done;
  });
}

interface Collecting {
  readonly folders: Folders;
  readonly keep: KeepPolicy;
  readonly policy: LogPolicy;
  readonly now: number;
  readonly dryRun: boolean;
}

function collect(log: RunLog, { folders, keep, policy, now, dryRun }: Collecting): GarbageReport {
  const { state } = folders;
  const kept = keptRuns(log, keep, now);
  const garbage = findGarbage(log, { state, kept });
  const inputsBefore = expiryOf(policy, now);
  const answersBefore = answersExpireBefore(policy, now);
  const sweep = answersBefore === undefined ? undefined : answerSweep(log, answersBefore);
  const inputs = inputsBefore === undefined ? { rows: 0, bytes: 0 } : countExpired(log, inputsBefore);
  const answers = sweep === undefined ? { rows: 0, bytes: 0 } : countExpiredAnswers(log, sweep);
  if (!dryRun) {
    if (inputsBefore !== undefined) expireInputs(log, inputsBefore);
    if (sweep !== undefined) expireAnswers(log, sweep);
    clearLeftovers(log, { state, at: now });
    removeGarbage(log, garbage, { store: openStore(state.objects), at: now });
  }
  const bytes = garbage.items.reduce((sum, { sizeBytes }) => sum + sizeBytes, inputs.bytes + answers.bytes);
  const freedNow = dryRun ? 0 : undefined;
  const kinds = [
    ...byKind(garbage),
    { kind: 'inputs', count: inputs.rows, bytes: inputs.bytes },
    { kind: 'answers', count: answers.rows, bytes: answers.bytes },
  ];
  return { dryRun, bytes, kinds, keep, keptBytes: keptBytes(log, garbage, freedNow) };
}

/** What stays: of a dry run nothing is marked yet. */
function keptBytes(log: RunLog, { items }: Garbage, freedNow: number | undefined): number {
  const onRecord = artifactBytes(log);
  if (freedNow === undefined) return onRecord;
  const freed = items.filter(({ kind }) => kind === 'outs' || kind === 'code');
  return onRecord - freed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

const byKind = ({ items }: Garbage): GarbageReport['kinds'] =>
  GARBAGE_KINDS.map((kind) => {
    const found = items.filter((one) => one.kind === kind);
    return { kind, count: found.length, bytes: found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
  });
