import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeOfCopy, materialise } from '../cache/bundle.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import { type ArtifactUse, type AttemptStatus, setProcess, startAttempt } from '../runlog/attempts.ts';
import { faultPoint } from '../util/fault.ts';
import { createRedactor } from '../util/redact.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { AttemptInputs, Made } from './attempt-inputs.ts';
import { attemptMemo } from './attempt-memo.ts';
import { checkOuts, prepareOuts, storeOuts } from './collect-outs.ts';
import { commitAttempt } from './commit.ts';
import { stageEnvironment } from './environment.ts';
import { MARK_VARIABLE, startOf } from './process-tree.ts';
import { fillArguments, runProgram } from './program.ts';
import { bufferRecords, type RecordBuffer } from './record-buffer.ts';
import type { RunnerContext } from './runner-context.ts';
import { hasEffects, readsOf, type StageCode } from './stage-code.ts';
import { stageSeed } from './stage-key.ts';
import { openStageLog } from './stage-log.ts';
import { runStageProcess, type StageOutcome } from './stage-process.ts';
import { writeFault } from './write-fault.ts';

export interface AttemptResult {
  readonly attempt: number;
  readonly status: AttemptStatus;
  readonly durationMs: number;
  readonly failure: Failure | undefined;
  readonly outs: readonly ArtifactUse[];
  readonly next: string | undefined;
  readonly logFile: string;
  /** Why what it made will not be taken again; undefined when it may be. */
  readonly taint: string | undefined;
}

/** Executes a stage once: in temporary folders, checked, stored, and then on record in one transaction. */
export async function runAttempt(context: RunnerContext, inputs: AttemptInputs): Promise<AttemptResult> {
  const { log, clock, state } = context;
  const { record, stage, key, number, code } = inputs;
  const name = number === 1 ? stage.name : `${stage.name}-${number}`;
  const logFile = state.logOf(record.run, name);
  const startedMs = clock.elapsed();
  const mark = randomBytes(8).toString('hex');
  const attempt = record.write(() =>
    startAttempt(log, {
      run: record.run,
      stage: stage.name,
      number,
      key: key.hash,
      keyParts: key.parts,
      why: inputs.why,
      startedAt: clock.now(),
      log: join('artifacts', 'logs', String(record.run), `${name}.log`),
      code: code.kind === 'module' ? code.hash : undefined,
      mark,
    }),
  );
  faultPoint('attempt.recorded');
  const folder = state.temporaryOf(record.run, name);
  const records = bufferRecords(log, attempt);
  const made = await make(context, { ...inputs, attempt, records, folder, logFile, mark });
  faultPoint('attempt.executed');
  const durationMs = clock.elapsed() - startedMs;
  const committed = commitAttempt(context, {
    ...inputs,
    attempt,
    made,
    durationMs,
    records,
    depsNow: await inputs.depsNow(),
  });
  rmSync(folder, { recursive: true, force: true });
  const { failure: fault, status, taint } = committed;
  const next = fault === undefined ? made.outcome.next : undefined;
  return {
    attempt,
    status,
    durationMs,
    failure: fault,
    outs: fault === undefined ? made.outs : [],
    next,
    logFile,
    taint,
  };
}

interface Making extends AttemptInputs {
  readonly attempt: number;
  readonly records: RecordBuffer;
  readonly folder: string;
  readonly logFile: string;
  readonly mark: string;
}

const NOTHING: StageOutcome = {
  failure: undefined,
  effects: [],
  fetched: [],
  asked: {},
  next: undefined,
  usage: undefined,
  exitCode: undefined,
  signal: undefined,
};

async function make(context: RunnerContext, making: Making): Promise<Made> {
  const { stage, folder, code } = making;
  let outcome = NOTHING;
  const fail = (fault: Failure): Made => ({ outcome, failure: fault, outs: [] });
  try {
    const prepared = prepareOuts(folder, stage.outs);
    const executed = await execute(context, making, prepared);
    if (!executed.ok) return fail(executed.failure);
    outcome = executed.value;
    if (outcome.failure !== undefined) return fail(outcome.failure);
    if (outcome.effects.length > 0 && !hasEffects(code)) return fail(undeclaredEffects(stage));
    const checked = checkOuts(folder, stage.outs);
    if (!checked.ok) return fail(checked.failure);
    faultPoint('outs.checked');
    return { outcome, failure: undefined, outs: await storeOuts(context.store, prepared.outs, stage.outs) };
  } catch (error) {
    return fail(writeFault(error, context.state.folder));
  }
}

/** A stage that had effects without declaring them would later be skipped as if it had none. */
function undeclaredEffects({ action, name }: Stage): Failure {
  const file = action.kind === 'module' ? action.file : name;
  return failure('STAGE_BAD_EXPORT', { file, problem: 'it has effects but does not declare `effects: true`' });
}

async function execute(
  context: RunnerContext,
  making: Making,
  prepared: ReturnType<typeof prepareOuts>,
): Promise<Result<StageOutcome, Failure>> {
  const { stage, code, mark, attempt } = making;
  const deps = Object.fromEntries(Object.entries(making.deps).map(([name, dep]) => [name, dep.path]));
  const environment = stageEnvironment(context.env, stage);
  if (!environment.ok) return environment;
  const { secrets } = environment.value;
  const env = { ...environment.value.env, [MARK_VARIABLE]: mark };
  const redactor = createRedactor(secrets);
  const log = openStageLog(making.logFile, { redactor, hasSecrets: secrets.length > 0 });
  const { root: cwd, signal } = context;
  const common = {
    cwd,
    env,
    log,
    mark,
    timeoutMs: stage.timeoutMs,
    signal,
    onPid: (pid: number) => notePid(context, attempt, pid),
  };
  try {
    if (code.kind === 'program') {
      const argv = fillArguments(code.argv, { deps, outs: prepared.outs, params: code.params });
      return ok(await runProgram({ ...common, argv }));
    }
    const bundle = await runnableCopy(context, code);
    if (!bundle.ok) return bundle;
    const start = {
      type: 'start',
      bundle: bundle.value,
      stage: stage.name,
      params: code.params,
      deps,
      outs: prepared.outs,
      temporary: prepared.temporary,
      root: context.root,
      seed: stageSeed(context.pipeline.seed, stage.name),
      reads: readsOf(code),
      workers: context.workers,
    } as const;
    return ok(
      await runStageProcess({
        ...common,
        redactor,
        hostFile: context.hostFile,
        inspect: context.inspect,
        start,
        answer: (name, input) => context.services.ask(name, input as never),
        memo: attemptMemo({ log: context.log, attempt, parts: making.key.parts, now: context.clock.now }),
        onProgress: (progress) => context.emit({ type: 'stage-progress', stage: stage.name, progress }),
        onRecord: (record) => making.records.add(record),
        onLog: (text, level) => context.emit({ type: 'stage-log', stage: stage.name, level, text }),
      }),
    );
  } finally {
    log.close();
  }
}

/** Lets the next start find the process, should this one die. A disk without room is told when the attempt ends. */
function notePid({ log, state }: RunnerContext, attempt: number, pid: number): void {
  try {
    setProcess(log, attempt, { pid, started: startOf(pid) });
  } catch (error) {
    writeFault(error, state.folder);
  }
}

/** The copy of the stage's code that Node executes, made again where it is not what its hash says; kept for good in the store. */
async function runnableCopy(
  context: RunnerContext,
  code: Extract<StageCode, { readonly kind: 'module' }>,
): Promise<Result<string, Failure>> {
  const copied = codeOfCopy(code.path, code.hash);
  if (copied !== undefined) {
    context.store.put(copied);
    return ok(code.path);
  }
  const bundle = await code.rebuild();
  if (!bundle.ok) return err(bundle.failure);
  if (bundle.value.hash === code.hash) {
    context.store.put(bundle.value.code);
    return ok(materialise(bundle.value, context.packagesFolder));
  }
  const problem = 'it changed while the run was under way. Run again.';
  return err(failure('STAGE_BUNDLE', { file: code.file, problem }));
}
