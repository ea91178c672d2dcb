import { availableParallelism } from 'node:os';
import type { RunnerEvent } from '../domain/event.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { type Failure, failure, isFailure } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import { type Selection, selectStages } from '../graph/select.ts';
import { mendAliases } from '../registry/mend.ts';
import { proposeRefused } from '../registry/settle-feedback.ts';
import { openRunLog, type RunLog } from '../runlog/open.ts';
import type { Trigger } from '../runlog/runs.ts';
import { cancelAtOnce, clearLeftovers } from '../runner/leftovers.ts';
import { lostObjectsWarnings } from '../runner/lost-objects.ts';
import { runPipeline } from '../runner/run-pipeline.ts';
import { staleWarnings } from '../runner/stale.ts';
import { writeFault } from '../runner/write-fault.ts';
import { faultPoint } from '../util/fault.ts';
import { err, ok, type Result } from '../util/result.ts';
import { type GitState, gitState } from './git.ts';
import type { CommonOptions, Installation, Io } from './io.ts';
import { isCi } from './is-ci.ts';
import type { ProjectOptions } from './load-project.ts';
import { obtainLock } from './obtain-lock.ts';
import { readOverride } from './override.ts';
import { foldersOf, hostName, refuse, versionsOf } from './project.ts';
import { createReporter } from './reporter.ts';
import { saveMemo } from './save-memo.ts';
import { summarise } from './summarise.ts';
import { packageVersion } from './version.ts';
import { codeFaults, openWorkbench, runnerContext, type Workbench } from './workbench.ts';

export interface SelectOptions extends CommonOptions, ProjectOptions {
  readonly only?: string;
  readonly from?: string;
  readonly to?: string;
  /** True for every stage of the run; a name for that one. */
  readonly force?: boolean | string;
}

export interface RunOptions extends SelectOptions {
  /** Stages at once. */
  readonly jobs?: number;
  /** Worker processes of a search. */
  readonly workers?: number;
  readonly keepGoing?: boolean;
  readonly shuffle?: number;
  readonly wait?: boolean;
  readonly inspect?: boolean;
  /** Why the run's model is to go live whatever the gates say. */
  readonly override?: string;
}

/** Which stages a run is about, and which of them execute whatever their keys say. */
interface Choice {
  readonly stages: readonly Stage[];
  readonly forced: (stage: string) => string | undefined;
  /** Why its model is to go live whatever the gates say. */
  readonly override?: string;
}

type Choose = (stages: readonly Stage[], code: Workbench['prepared']['code']) => Result<Choice, Failure>;

/** `mlloop run`: what must run, in order, and the follow-up runs it asks for. */
export function runVerb(options: RunOptions, io: Io, installation: Installation): Promise<ExitCode> {
  return execute({ verb: 'run', choose: (stages) => chooseStages(stages, options), options, io, installation });
}

/** `mlloop stage S`: that stage, always, on the outs that are there. */
export function stageVerb(
  name: string | undefined,
  options: RunOptions,
  io: Io,
  installation: Installation,
): Promise<ExitCode> {
  const choose: Choose = (stages) => {
    if (name === undefined) return err(whichStage(stages));
    const selected = selectStages(stages, { only: name, from: undefined, to: undefined });
    return selected.ok ? ok({ stages: selected.value, forced: () => 'asked for by name' }) : selected;
  };
  return execute({ verb: 'stage', choose, options, io, installation });
}

/** npm drops some options without a trace when the `--` is forgotten, so the line is told whole. */
function whichStage(stages: readonly Stage[]): Failure {
  const names = stages.map(({ name }) => name);
  const next = `Type: npm run stage -- ${names[0]}   (or ${names.slice(1).join(', ')}; options go after the --)`;
  return failure('USAGE', { problem: 'Which stage?', next });
}

export function chooseStages(stages: readonly Stage[], options: SelectOptions): Result<Choice, Failure> {
  const { only, from, to, force } = options;
  const selection: Selection = { only, from, to };
  if (typeof force === 'string') {
    const named = selectStages(stages, { only: force, from: undefined, to: undefined });
    if (!named.ok) return named;
  }
  const selected = selectStages(stages, selection);
  if (!selected.ok) return selected;
  const forced = (stage: string): string | undefined => (force === true || force === stage ? 'forced' : undefined);
  return ok({ stages: selected.value, forced });
}

export interface Execution {
  readonly verb: string;
  readonly choose: Choose;
  readonly options: RunOptions;
  readonly io: Io;
  readonly installation: Installation;
  readonly around?: Around;
}

/** What somebody who starts a run for a reason of their own does around it. */
export interface Around {
  /** Looks at the log under the lock, before anything is begun; an exit code ends it there. */
  readonly begin: (log: RunLog) => ExitCode | undefined;
  /** When another run holds the lock. */
  readonly held: (fault: Failure) => ExitCode;
  /** Told of everything that happens. */
  readonly observe: (event: RunnerEvent, log: RunLog) => void;
  /** How many follow-up runs this one stands for. */
  readonly round: number;
}

/** Looks at pipeline.yaml before it takes the lock, so that a faulty one is told at once and leaves nothing behind. */
export async function execute(execution: Execution): Promise<ExitCode> {
  const { options, io, installation } = execution;
  const folders = foldersOf(options, io);
  const open = () => openWorkbench({ folders, installation, project: options });
  const looked = await open();
  if (!looked.ok) return refuse(io, looked.failure);
  const chosen = chooseAndCheck(looked.value, execution);
  if (!chosen.ok) return refuse(io, chosen.failure);
  const lock = await obtainLock({ state: folders.state, wait: options.wait ?? false }, io);
  if (!lock.ok) {
    const { around } = execution;
    return around !== undefined && lock.failure.code === 'LOCK_HELD'
      ? around.held(lock.failure)
      : refuse(io, [lock.failure]);
  }
  try {
    faultPoint('run.locked');
    // What was looked at while another run held the lock may be of yesterday.
    const bench = lock.value.waited ? await open() : looked;
    if (!bench.ok) return refuse(io, bench.failure);
    return await executeLocked(execution, bench.value);
  } catch (error) {
    return refuse(io, [writeFault(error, folders.state.folder)]);
  } finally {
    lock.value.release();
  }
}

function chooseAndCheck(
  bench: Workbench,
  { choose, options }: Pick<Execution, 'choose' | 'options'>,
): Result<Choice, readonly Failure[]> {
  const chosen = choose(bench.project.pipeline.stages, bench.prepared.code);
  if (!chosen.ok) return err([chosen.failure]);
  const { stages, forced } = chosen.value;
  const faults = codeFaults(bench, stages);
  if (faults.length > 0) return err(faults);
  if (options.override === undefined) return chosen;
  const override = readOverride(options.override, bench, stages);
  if (isFailure(override)) return err([override]);
  const { reason } = override;
  return ok({
    stages,
    forced: (stage) => (override.stages.includes(stage) ? `override: ${reason}` : forced(stage)),
    override: reason,
  });
}

async function executeLocked(execution: Execution, bench: Workbench): Promise<ExitCode> {
  const { io } = execution;
  const { state } = bench.folders;
  const chosen = chooseAndCheck(bench, execution);
  if (!chosen.ok) return refuse(io, chosen.failure);
  const opened = openRunLog(state.database);
  if (!opened.ok) return refuse(io, [opened.failure]);
  const log = opened.value;
  io.onAtOnce(() => cancelAtOnce(log, io.clock.now()));
  try {
    clearLeftovers(log, { state, at: io.clock.now() });
    const { name } = bench.project.pipeline;
    if (chosen.value.override !== undefined) proposeRefused(log, { pipeline: name, at: io.clock.now() });
    const ended = execution.around?.begin(log);
    if (ended !== undefined) return ended;
    await mendAliases({ log, state: state.folder, store: bench.store });
    return await executeRounds({ ...execution, bench, choice: chosen.value, log });
  } finally {
    saveMemo(bench);
    log.close();
  }
}

interface Rounds extends Execution {
  readonly bench: Workbench;
  readonly choice: Choice;
  readonly log: RunLog;
}

/** The run, and then the follow-up runs that are asked for; the first run's exit code stands for all. */
async function executeRounds(rounds: Rounds): Promise<ExitCode> {
  let exitCode: ExitCode | undefined;
  let parent: number | undefined;
  for (let round = rounds.around?.round ?? 0; ; round++) {
    const outcome = await executeRound(rounds, { round, parent });
    // A refusal in a follow-up run is told, and is no failure of the run that was asked for.
    const counted = parent !== undefined && outcome.exitCode === EXIT.refused ? EXIT.done : outcome.exitCode;
    exitCode = exitCode === undefined || counted !== EXIT.done ? counted : exitCode;
    if (outcome.next === undefined || rounds.io.signal.aborted) return exitCode;
    parent = outcome.run;
  }
}

async function executeRound(
  { bench, choice, log, options, io, verb, installation, around }: Rounds,
  { round, parent }: { readonly round: number; readonly parent: number | undefined },
): ReturnType<typeof runPipeline> {
  const isFollowUp = parent !== undefined;
  const { pipeline, text } = bench.project;
  const { folders } = bench;
  const stages = isFollowUp ? pipeline.stages : choice.stages;
  const startedMs = io.clock.elapsed();
  const report = await createReporter(io);
  // Git is asked while other things are looked at.
  let git: GitState | undefined;
  const beforeExecuting = gitState(folders.root).then((state) => {
    git = state;
  });
  const context = await runnerContext(bench, {
    log,
    io,
    round,
    workers: options.workers ?? availableParallelism(),
    inspect: options.inspect ?? false,
    // What a person said of this model says nothing of the one that follows.
    override: isFollowUp ? undefined : choice.override,
    emit: (untimed) => {
      const event = { ...untimed, atMs: io.clock.elapsed() - startedMs } as RunnerEvent;
      report(event);
      around?.observe(event, log);
    },
    beforeExecuting,
  });
  const trigger = triggerOf(io, isFollowUp);
  return runPipeline(context, {
    stages,
    forced: isFollowUp ? () => undefined : choice.forced,
    parent,
    trigger,
    jobs: options.jobs ?? availableParallelism(),
    keepGoing: options.keepGoing ?? false,
    shuffle: options.shuffle,
    warnings: isFollowUp ? [] : [...lostObjectsWarnings(log, folders.state), ...(await staleWarnings(context, stages))],
    record: () => ({
      parent,
      round,
      trigger,
      verb,
      profile: options.profile,
      overrides: pipeline.overrides,
      git,
      host: hostName(),
      pid: process.pid,
      versions: versionsOf(packageVersion(installation.home)),
      pipelineText: text,
    }),
    summarise: (run) =>
      summarise({
        log,
        run,
        state: folders.state,
        root: folders.root,
        cwd: io.cwd,
        keep: pipeline.keep,
        now: io.clock.now(),
      }),
  });
}

function triggerOf({ env }: Io, isFollowUp: boolean): Trigger {
  if (isFollowUp) return 'iterate';
  return isCi(env) ? 'ci' : 'manual';
}
