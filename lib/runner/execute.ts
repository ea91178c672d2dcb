import { codeOfCopy, materialise } from '../cache/bundle.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import type { StageRecord } from '../domain/records.ts';
import { createRedactor } from '../util/redact.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { AttemptMemo } from './attempt-memo.ts';
import { checkOuts, prepareOuts } from './collect-outs.ts';
import { stageEnvironment } from './environment.ts';
import { MARK_VARIABLE } from './process-tree.ts';
import { fillArguments, runProgram } from './program.ts';
import type { ResolvedDep } from './resolve-deps.ts';
import type { RunnerContext } from './runner-context.ts';
import { hasEffects, hasTasks, readsOf, type StageCode } from './stage-code.ts';
import { stageSeed } from './stage-key.ts';
import { openStageLog } from './stage-log.ts';
import { runStageProcess, type StageOutcome } from './stage-process.ts';
import { writeFault } from './write-fault.ts';

export interface Execution {
  readonly stage: Stage;
  readonly code: StageCode;
  readonly deps: Readonly<Record<string, ResolvedDep>>;
  /** The folder its outs are made in; what is there is taken away first. */
  readonly folder: string;
  readonly logFile: string;
  /** What every process of it carries in its environment. */
  readonly mark: string;
  readonly onPid: (pid: number) => void;
  /** What its tasks may look up instead of computing it. */
  readonly memo: AttemptMemo;
  readonly onRecord: (record: StageRecord) => void;
}

/** What an execution came to. */
export interface Executed {
  readonly outcome: StageOutcome;
  /** Undefined when it did all it had to. */
  readonly failure: Failure | undefined;
  /** Where every out lies, by name. */
  readonly outs: Readonly<Record<string, string>>;
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

/** Runs a stage's code in a folder and checks its outs; stores nothing and puts nothing on record. */
export async function executeStage(context: RunnerContext, execution: Execution): Promise<Executed> {
  const { stage, folder, code } = execution;
  let outcome = NOTHING;
  const fail = (fault: Failure): Executed => ({ outcome, failure: fault, outs: {} });
  try {
    const prepared = prepareOuts(folder, stage.outs);
    const executed = await execute(context, execution, prepared);
    if (!executed.ok) return fail(executed.failure);
    outcome = executed.value;
    if (outcome.failure !== undefined) return fail(outcome.failure);
    if (outcome.effects.length > 0 && !hasEffects(code)) return fail(undeclaredEffects(stage));
    const checked = checkOuts(folder, stage.outs);
    return checked.ok ? { outcome, failure: undefined, outs: prepared.outs } : fail(checked.failure);
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
  execution: Execution,
  prepared: ReturnType<typeof prepareOuts>,
): Promise<Result<StageOutcome, Failure>> {
  const { stage, code, mark, onPid } = execution;
  const deps = Object.fromEntries(Object.entries(execution.deps).map(([name, dep]) => [name, dep.path]));
  const hashes = Object.fromEntries(Object.entries(execution.deps).map(([name, dep]) => [name, dep.hash]));
  const environment = stageEnvironment(context.env, stage);
  if (!environment.ok) return environment;
  const { secrets } = environment.value;
  const env = { ...environment.value.env, [MARK_VARIABLE]: mark };
  const redactor = createRedactor(secrets);
  const log = openStageLog(execution.logFile, { redactor, hasSecrets: secrets.length > 0 });
  const { root: cwd, signal } = context;
  const common = { cwd, env, log, mark, timeoutMs: stage.timeoutMs, signal, onPid };
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
      hashes,
      outs: prepared.outs,
      temporary: prepared.temporary,
      root: context.root,
      seed: stageSeed(context.pipeline.seed, stage.name),
      reads: readsOf(code),
      workers: context.workers,
      hasTasks: hasTasks(code),
    } as const;
    return ok(
      await runStageProcess({
        ...common,
        redactor,
        hostFile: context.hostFile,
        inspect: context.inspect,
        start,
        answer: (name, input) => context.services.ask(name, input as never),
        onProgress: (progress) => context.emit({ type: 'stage-progress', stage: stage.name, progress }),
        memo: execution.memo,
        onRecord: execution.onRecord,
        onLog: (text, level) => context.emit({ type: 'stage-log', stage: stage.name, level, text }),
      }),
    );
  } finally {
    log.close();
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
