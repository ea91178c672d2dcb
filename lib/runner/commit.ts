import { statSync } from 'node:fs';
import { type KeyParts, makeKey } from '../cache/key.ts';
import { versionReader } from '../cache/packages.ts';
import { type Failure, failure, failureText } from '../domain/failure.ts';
import type { ReadName } from '../domain/questions.ts';
import { type AttemptStatus, dropKey, endAttempt, recordArtifacts, recordCode, setKey } from '../runlog/attempts.ts';
import { insertRecords } from '../runlog/records.ts';
import { forgetTasks } from '../runlog/task-memo.ts';
import { faultPoint } from '../util/fault.ts';
import type { AttemptInputs, Made } from './attempt-inputs.ts';
import { type RecordBuffer, UnfitRecord } from './record-buffer.ts';
import type { ResolvedDep } from './resolve-deps.ts';
import type { RunnerContext } from './runner-context.ts';
import { hasEffects, readsOf } from './stage-code.ts';
import { writeFault } from './write-fault.ts';

type Deps = Readonly<Record<string, ResolvedDep>>;

export interface Commit extends Omit<AttemptInputs, 'depsNow'> {
  readonly attempt: number;
  readonly made: Made;
  readonly durationMs: number;
  readonly records: RecordBuffer;
  /** Undefined when one of them is gone. */
  readonly depsNow: Deps | undefined;
}

export interface Committed {
  readonly status: AttemptStatus;
  readonly failure: Failure | undefined;
  readonly taint: string | undefined;
}

/** Puts an attempt's end on record in one transaction, with its effects; what cannot be written is the attempt's failure. */
export function commitAttempt(context: RunnerContext, commit: Commit): Committed {
  faultPoint('commit.before');
  const { show, ...committed } = writeWhatCanBe(context, commit);
  faultPoint('commit.after');
  try {
    show();
  } catch (error) {
    // The log has it, and the next run shows it.
    context.emit({ type: 'run-warning', text: failureText(writeFault(error, context.state.folder)) });
  }
  return committed;
}

interface Written extends Committed {
  /** Shows in the file system what the attempt's effects changed. */
  readonly show: () => void;
}

function writeWhatCanBe(context: RunnerContext, commit: Commit): Written {
  try {
    return write(context, commit, commit.made.failure);
  } catch (error) {
    const unfit = error instanceof UnfitRecord ? failure('STAGE_BAD_RECORD', { problem: error.message }) : undefined;
    return write(context, commit, unfit ?? writeFault(error, context.state.folder));
  }
}

function write(context: RunnerContext, commit: Commit, fault: Failure | undefined): Written {
  const { log, services, store } = context;
  const { record, attempt, made, records, deps } = commit;
  const at = context.clock.now();
  const ins = Object.entries(deps).flatMap(([name, { use }]) =>
    use === undefined ? [] : [{ ...use, maker: makerOf(commit, name) }],
  );
  const folders = Object.fromEntries(ins.map(({ name, hash }) => [name, { hash, folder: store.pathOf(hash) }]));
  const status = statusOf(fault);
  let taint: string | undefined;
  let show = (): void => undefined;
  record.write(() => {
    // What could not be written is not tried a second time.
    if (fault !== undefined && fault !== made.failure) records.drop();
    else records.flush();
    recordArtifacts(log, attempt, fault === undefined ? [...ins, ...made.outs] : ins, at);
    const { code } = commit;
    if (code.kind === 'module' && store.has(code.hash)) {
      recordCode(log, code.hash, statSync(store.pathOf(code.hash)).size, at);
    }
    if (fault === undefined) {
      taint = whatChanged(context, commit);
      show = services.apply({ run: record.run, attempt, at, effects: made.outcome.effects, deps: folders });
      if (taint === undefined) keyAsItIsNow(context, commit);
      else {
        dropKey(log, attempt);
        forgetTasks(log, attempt);
        insertRecords(log, attempt, [
          { kind: 'note', title: commit.stage.name, text: taintText(taint), level: 'warning' },
        ]);
      }
    }
    endAttempt(log, attempt, {
      status,
      endedAt: at,
      durationMs: commit.durationMs,
      exitCode: made.outcome.exitCode,
      signal: made.outcome.signal,
      failure: fault,
      cpuMs: made.outcome.usage?.cpuMs,
      peakMemoryBytes: made.outcome.usage?.peakMemoryBytes,
    });
    faultPoint('commit.inside');
  });
  return { status, failure: fault, taint, show };
}

function makerOf({ stage, attemptOf }: Commit, name: string): number | undefined {
  const dep = stage.deps[name];
  return dep?.kind === 'out' ? attemptOf(dep.stage) : undefined;
}

export const taintText = (what: string): string =>
  `${what} changed while it ran: what it made is used now, and made again the next time`;

/** What the stage may have seen in two states; undefined when all it read stayed as its key says. */
export function whatChanged(
  { services, packagesFolder, memo }: RunnerContext,
  {
    key,
    deps,
    depsNow,
    made,
    code,
  }: Pick<Commit, 'key' | 'deps' | 'depsNow' | 'code'> & {
    readonly made: Pick<Made, 'outcome'>;
  },
): string | undefined {
  const { reads, packages } = key.parts as unknown as KeyParts;
  const dep = Object.keys(deps).find((name) => {
    const now = depsNow?.[name];
    const isSame = now?.hash === deps[name]?.hash && now?.stamp === deps[name]?.stamp;
    return !isSame && !(deps[name]?.path === undefined && made.outcome.fetched.includes(name));
  });
  if (dep !== undefined) return dep;
  // What is installed is looked at anew: it may be another version by now.
  const installed = versionReader(packagesFolder, memo)(Object.keys(packages));
  const other = Object.keys(packages).find((name) => installed[name] !== packages[name]);
  if (other !== undefined) return `package ${other}`;
  return readsOf(code).find(
    (name: ReadName) =>
      services.digest(name) !== reads[name] || (made.outcome.asked[name] ?? reads[name]) !== reads[name],
  );
}

/** What a stage does may change what it reads, and it may fetch what was missing: it is keyed by what is there afterwards. */
function keyAsItIsNow({ log, services }: RunnerContext, { attempt, key, depsNow, made, code }: Commit): void {
  if (!hasEffects(code) && made.outcome.fetched.length === 0) return;
  const parts = key.parts as unknown as KeyParts;
  const reads = Object.fromEntries(readsOf(code).map((name) => [name, services.digest(name)]));
  const deps = Object.fromEntries(Object.entries(depsNow ?? {}).map(([name, dep]) => [name, dep.hash ?? 'absent']));
  const now = makeKey({ ...parts, reads, deps });
  setKey(log, attempt, now.hash, now.parts);
  faultPoint('key.after-effects');
}

function statusOf(fault: Failure | undefined): AttemptStatus {
  switch (fault?.code) {
    case undefined:
      return 'succeeded';
    case 'STAGE_REFUSED':
      return 'refused';
    case 'STAGE_TIMED_OUT':
      return 'timed_out';
    case 'STAGE_INTERRUPTED':
      return 'cancelled';
    default:
      return 'failed';
  }
}
