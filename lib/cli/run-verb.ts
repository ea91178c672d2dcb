import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { LoadedPipeline } from '../config/load.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { exitCodeOf, type Failure, failure } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import { type Selection, selectStages } from '../graph/select.ts';
import { openRunLog, type RunLog } from '../runlog/open.ts';
import { interruptLeftovers, type Trigger } from '../runlog/runs.ts';
import { takeLock } from '../runner/lock.ts';
import { runPipeline } from '../runner/run-pipeline.ts';
import type { RunnerContext } from '../runner/runner-context.ts';
import type { StageCode } from '../runner/stage-code.ts';
import { gitState } from './git.ts';
import type { CommonOptions, Installation, Io } from './io.ts';
import { packagesFolderOf, prepareCode } from './prepare-code.ts';
import {
  builtFile,
  type Folders,
  foldersOf,
  hostName,
  loadProject,
  platformKey,
  printFailures,
  storeOf,
  versionsOf,
} from './project.ts';
import { createReporter } from './reporter.ts';
import { createServices } from './services.ts';
import { summarise } from './summarise.ts';
import { packageVersion } from './version.ts';

export interface RunOptions extends CommonOptions {
  readonly only?: string;
  readonly from?: string;
  readonly to?: string;
  /** True for every stage of the run; a name for that one. */
  readonly force?: boolean | string;
  readonly set?: readonly string[];
  readonly profile?: string;
  readonly workers?: number;
  readonly inspect?: boolean;
}

/** `mlloop run`: what must run, in order, and the follow-up runs it asks for. */
export async function runVerb(options: RunOptions, io: Io, installation: Installation): Promise<ExitCode> {
  const folders = foldersOf(options, io);
  const loaded = loadProject(folders.root, options);
  if (!loaded.ok) return refuse(io, loaded.failure);
  const selected = selectFor(loaded.value.pipeline.stages, options);
  if (!selected.ok) return refuse(io, [selected.failure]);
  const code = await prepareCode(loaded.value.pipeline.stages, {
    root: folders.root,
    installation,
    locator: loaded.value.locator,
  });
  if (!code.ok) return refuse(io, code.failure);
  const forced = (stage: string): string | undefined =>
    options.force === true || options.force === stage ? 'forced' : undefined;
  return execute({
    verb: 'run',
    options,
    io,
    installation,
    folders,
    loaded: loaded.value,
    stages: selected.value,
    code: code.value,
    forced,
  });
}

/** `mlloop stage S`: that stage, always, on the outs that are there. */
export async function stageVerb(
  name: string | undefined,
  options: RunOptions,
  io: Io,
  installation: Installation,
): Promise<ExitCode> {
  const folders = foldersOf(options, io);
  const loaded = loadProject(folders.root, options);
  if (!loaded.ok) return refuse(io, loaded.failure);
  if (name === undefined) return refuse(io, [whichStage(loaded.value.pipeline.stages)]);
  const selected = selectStages(loaded.value.pipeline.stages, { only: name, from: undefined, to: undefined });
  if (!selected.ok) return refuse(io, [selected.failure]);
  const code = await prepareCode(selected.value, { root: folders.root, installation, locator: loaded.value.locator });
  if (!code.ok) return refuse(io, code.failure);
  const forced = (): string => 'asked for by name';
  return execute({
    verb: 'stage',
    options,
    io,
    installation,
    folders,
    loaded: loaded.value,
    stages: selected.value,
    code: code.value,
    forced,
  });
}

/** npm drops some options without a trace when the `--` is forgotten, so the line is told whole. */
function whichStage(stages: readonly Stage[]): Failure {
  const names = stages.map(({ name }) => name);
  const next = `Type: npm run stage -- ${names[0]}   (or ${names.slice(1).join(', ')}; options go after the --)`;
  return failure('USAGE', { problem: 'Which stage?', next });
}

export function refuse(io: Io, failures: readonly Failure[]): ExitCode {
  printFailures(io, failures);
  return failures.map(exitCodeOf)[0] ?? EXIT.usage;
}

function selectFor(stages: readonly Stage[], options: RunOptions): ReturnType<typeof selectStages<Stage>> {
  const { only, from, to, force } = options;
  const selection: Selection = { only, from, to };
  if (typeof force !== 'string') return selectStages(stages, selection);
  const named = selectStages(stages, { only: force, from: undefined, to: undefined });
  return named.ok ? selectStages(stages, selection) : named;
}

interface Execution {
  readonly verb: string;
  readonly options: RunOptions;
  readonly io: Io;
  readonly installation: Installation;
  readonly folders: Folders;
  readonly loaded: LoadedPipeline;
  readonly stages: readonly Stage[];
  readonly code: ReadonlyMap<string, StageCode>;
  readonly forced: (stage: string) => string | undefined;
}

async function execute(execution: Execution): Promise<ExitCode> {
  const { io, folders } = execution;
  const lock = takeLock(folders.state.lock, { pid: process.pid, now: io.clock.now() });
  if (!lock.ok) return refuse(io, [lock.failure]);
  try {
    const log = openRunLog(folders.state.database);
    if (!log.ok) return refuse(io, [log.failure]);
    try {
      interruptLeftovers(log.value, io.clock.now());
      rmSync(join(folders.state.artifacts, 'tmp'), { recursive: true, force: true });
      return await executeRounds(execution, log.value);
    } finally {
      log.value.close();
    }
  } finally {
    lock.value.release();
  }
}

/** The run, and then the follow-up runs that are asked for; the first run's exit code stands for all. */
async function executeRounds(execution: Execution, log: RunLog): Promise<ExitCode> {
  let exitCode: ExitCode | undefined;
  let parent: number | undefined;
  for (let round = 0; ; round++) {
    const isFollowUp = parent !== undefined;
    const stages = isFollowUp ? execution.loaded.pipeline.stages : execution.stages;
    const context = contextOf(execution, { log, round });
    const outcome = await runPipeline(context, {
      stages,
      forced: isFollowUp ? () => undefined : execution.forced,
      record: {
        parent,
        round,
        trigger: triggerOf(execution.io, isFollowUp),
        verb: execution.verb,
        profile: execution.options.profile,
        overrides: execution.loaded.pipeline.overrides,
        git: gitState(execution.folders.root),
        host: hostName(),
        pid: process.pid,
        versions: versionsOf(packageVersion(execution.installation.home)),
      },
      summarise: (run) => summarise({ log, run, state: execution.folders.state, cwd: execution.io.cwd }),
    });
    // A refusal in a follow-up run is told, and is no failure of the run that was asked for.
    const counted = isFollowUp && outcome.exitCode === EXIT.refused ? EXIT.done : outcome.exitCode;
    exitCode = exitCode === undefined || counted !== EXIT.done ? counted : exitCode;
    if (outcome.next === undefined || execution.io.signal.aborted) return exitCode;
    parent = outcome.run;
  }
}

function triggerOf({ env }: Io, isFollowUp: boolean): Trigger {
  if (isFollowUp) return 'iterate';
  return env['CI'] === undefined || env['CI'] === '' || env['CI'] === 'false' ? 'manual' : 'ci';
}

function contextOf(
  execution: Execution,
  { log, round }: { readonly log: RunLog; readonly round: number },
): RunnerContext {
  const { folders, installation, loaded, options } = execution;
  const packagesFolder = packagesFolderOf(folders.root, installation.home);
  const startedMs = execution.io.clock.elapsed();
  const report = createReporter(execution.io);
  return {
    root: folders.root,
    state: folders.state,
    log,
    store: storeOf(folders.state),
    pipeline: loaded.pipeline,
    code: execution.code,
    services: createServices({ log, state: folders.state, packagesFolder, round }),
    env: { ...execution.io.env, MLLOOP_PACKAGES: packagesFolder },
    clock: execution.io.clock,
    signal: execution.io.signal,
    emit: (event) => report({ ...event, atMs: execution.io.clock.elapsed() - startedMs }),
    hostFile: builtFile(installation.built, 'stage-host'),
    packagesFolder,
    platform: platformKey(),
    workers: options.workers ?? availableParallelism(),
    inspect: options.inspect ?? false,
  };
}
