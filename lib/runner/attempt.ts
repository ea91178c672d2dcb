import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Key } from '../cache/key.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import {
  type ArtifactUse,
  type AttemptStatus,
  endAttempt,
  recordArtifacts,
  setKey,
  setPid,
  startAttempt,
} from '../runlog/attempts.ts';
import { checkOuts, prepareOuts, storeOuts } from './collect-outs.ts';
import { stageEnvironment } from './environment.ts';
import { fillArguments, runProgram } from './program.ts';
import { bufferRecords, type RecordBuffer } from './record-buffer.ts';
import type { ResolvedDep } from './resolve-deps.ts';
import type { RunnerContext } from './runner-context.ts';
import { hasEffects, readsOf, type StageCode } from './stage-code.ts';
import { stageSeed } from './stage-key.ts';
import { runStageProcess, type StageOutcome } from './stage-process.ts';

export interface AttemptInputs {
  readonly run: number;
  readonly stage: Stage;
  readonly code: StageCode;
  readonly key: Key;
  readonly deps: Readonly<Record<string, ResolvedDep>>;
  readonly why: string;
  /** The key as it is once the stage has done what it does: it may change what it reads. */
  readonly keyAfter: () => Promise<Key>;
}

export interface AttemptResult {
  readonly attempt: number;
  readonly status: AttemptStatus;
  readonly durationMs: number;
  readonly failure: Failure | undefined;
  readonly outs: readonly ArtifactUse[];
  readonly next: string | undefined;
  readonly logFile: string;
}

/** Executes a stage once: in temporary folders, checked, stored, and then on record in one transaction. */
export async function runAttempt(context: RunnerContext, inputs: AttemptInputs): Promise<AttemptResult> {
  const { log, clock, state } = context;
  const { run, stage, key } = inputs;
  const logFile = state.logOf(run, stage.name);
  const startedAt = clock.now();
  const startedMs = clock.elapsed();
  const attempt = startAttempt(log, {
    run,
    stage: stage.name,
    number: 1,
    key: key.hash,
    keyParts: key.parts,
    why: inputs.why,
    startedAt,
    log: join('artifacts', 'logs', String(run), `${stage.name}.log`),
  });
  const folder = state.temporaryOf(run, stage.name);
  const records = bufferRecords(log, attempt);
  const prepared = prepareOuts(folder, stage.outs);
  const outcome = await execute(context, { ...inputs, attempt, records, prepared, logFile });
  const checked = outcome.failure === undefined ? checkOuts(folder, stage.outs) : undefined;
  const fault =
    outcome.failure ?? undeclaredEffects(outcome, inputs) ?? (checked?.ok === false ? checked.failure : undefined);
  const outs = fault === undefined ? await storeOuts(context.store, prepared.outs, stage.outs) : [];
  rmSync(folder, { recursive: true, force: true });
  const status = statusOf(fault);
  const durationMs = clock.elapsed() - startedMs;
  commit(context, { inputs, attempt, outs, outcome, fault, status, durationMs, records });
  if (fault === undefined && (hasEffects(inputs.code) || hasNewPath(inputs.deps))) {
    const after = await inputs.keyAfter();
    setKey(log, attempt, after.hash, after.parts);
  }
  return {
    attempt,
    status,
    durationMs,
    failure: fault,
    outs,
    next: fault === undefined ? outcome.next : undefined,
    logFile,
  };
}

/** A stage may fetch what was missing: it is then keyed by what is there afterwards. */
const hasNewPath = (deps: AttemptInputs['deps']): boolean => Object.values(deps).some((dep) => dep.path === undefined);

/** A stage that had effects without declaring them would later be skipped as if it had none. */
function undeclaredEffects(outcome: StageOutcome, { stage, code }: AttemptInputs): Failure | undefined {
  if (outcome.effects.length === 0 || hasEffects(code)) return undefined;
  const file = stage.action.kind === 'module' ? stage.action.file : stage.name;
  return failure('STAGE_BAD_EXPORT', { file, problem: 'it has effects but does not declare `effects: true`' });
}

interface Executing extends AttemptInputs {
  readonly attempt: number;
  readonly records: RecordBuffer;
  readonly prepared: ReturnType<typeof prepareOuts>;
  readonly logFile: string;
}

function execute(context: RunnerContext, executing: Executing): Promise<StageOutcome> {
  const { stage, code, prepared, logFile, attempt } = executing;
  const deps = Object.fromEntries(Object.entries(executing.deps).map(([name, dep]) => [name, dep.path]));
  const env = stageEnvironment(context.env, stage.env);
  const common = { cwd: context.root, env, logFile, timeoutMs: stage.timeoutMs, signal: context.signal };
  const onPid = (pid: number): void => setPid(context.log, attempt, pid);
  if (code.kind === 'program') {
    const argv = fillArguments(code.argv, { deps, outs: prepared.outs, params: code.params });
    return runProgram({ ...common, argv, onPid });
  }
  return runStageProcess({
    ...common,
    hostFile: context.hostFile,
    inspect: context.inspect,
    start: {
      type: 'start',
      bundle: code.path,
      stage: stage.name,
      pipeline: context.pipeline.name,
      params: code.params,
      deps,
      outs: prepared.outs,
      temporary: prepared.temporary,
      root: context.root,
      seed: stageSeed(context.pipeline.seed, stage.name),
      reads: readsOf(code),
      workers: context.workers,
    },
    onPid,
    answer: (name, input) => context.services.ask(name, input as never),
    onProgress: (progress) => context.emit({ type: 'stage-progress', stage: stage.name, progress }),
    onRecord: (record) => executing.records.add(record),
    onLog: (text, level) => context.emit({ type: 'stage-log', stage: stage.name, level, text }),
  });
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

interface Commit {
  readonly inputs: AttemptInputs;
  readonly attempt: number;
  readonly outs: readonly ArtifactUse[];
  readonly outcome: StageOutcome;
  readonly fault: Failure | undefined;
  readonly status: AttemptStatus;
  readonly durationMs: number;
  readonly records: RecordBuffer;
}

function commit(context: RunnerContext, done: Commit): void {
  const { log, services, store } = context;
  const { inputs, attempt, outcome, fault } = done;
  const at = context.clock.now();
  const ins = Object.values(inputs.deps).flatMap((dep) => (dep.use === undefined ? [] : [dep.use]));
  const deps = Object.fromEntries(ins.map(({ name, hash }) => [name, { hash, folder: store.pathOf(hash) }]));
  log.atomically(() => {
    done.records.flush();
    recordArtifacts(log, attempt, [...ins, ...done.outs], at);
    if (fault === undefined) services.apply({ run: inputs.run, attempt, at, effects: outcome.effects, deps });
    endAttempt(log, attempt, {
      status: done.status,
      endedAt: at,
      durationMs: done.durationMs,
      exitCode: outcome.exitCode,
      signal: outcome.signal,
      failure: fault,
      cpuMs: outcome.usage?.cpuMs,
      peakMemoryBytes: outcome.usage?.peakMemoryBytes,
    });
  });
}
