import { packagesFolderOf } from '../cache/bundle.ts';
import { type Memo, openMemo } from '../cache/memo.ts';
import { versionReader } from '../cache/packages.ts';
import { openStore, type Store } from '../cache/store.ts';
import type { RunnerEvent } from '../domain/event.ts';
import type { Failure } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import type { RunLog } from '../runlog/open.ts';
import type { RunnerContext, Untimed } from '../runner/runner-context.ts';
import { ok, type Result } from '../util/result.ts';
import type { Installation, Io } from './io.ts';
import type { ProjectOptions } from './load-project.ts';
import { type PreparedCode, prepareCode } from './prepare-code.ts';
import { builtFile, type Folders, platformKey, whereOptions } from './project.ts';
import { type RecalledProject, recallProject } from './recall-project.ts';
import { createServices } from './services.ts';

/** A project on the table: its pipeline and its stages' code, and what is known of both from before. */
export interface Workbench {
  readonly folders: Folders;
  readonly installation: Installation;
  readonly project: RecalledProject;
  readonly memo: Memo;
  readonly store: Store;
  readonly prepared: PreparedCode;
}

export interface WorkbenchOptions {
  readonly folders: Folders;
  readonly installation: Installation;
  readonly project: ProjectOptions;
}

export const memoOf = ({ state }: Folders): Memo => openMemo(state.memo);

/** Reads pipeline.yaml and gets the code of its stages ready; faults of the file are the failure, those of stages are kept. */
export async function openWorkbench(options: WorkbenchOptions): Promise<Result<Workbench, readonly Failure[]>> {
  const { folders, installation } = options;
  const { root, state } = folders;
  const memo = memoOf(folders);
  const project = await recallProject(root, options.project, { memo, installation });
  if (!project.ok) return project;
  const store = openStore(state.objects, memo);
  const { pipeline, locator } = project.value;
  const prepared = await prepareCode(pipeline.stages, { root, installation, memo, locator });
  return ok({ folders, installation, project: project.value, memo, store, prepared });
}

/** The faults of some stages' code; of several stages, all at once. */
export function codeFaults({ prepared }: Workbench, stages: readonly Stage[]): readonly Failure[] {
  return stages.flatMap(({ name }) => prepared.faults.get(name) ?? []);
}

export interface ContextOptions {
  readonly log: RunLog;
  readonly io: Io;
  readonly round: number;
  readonly workers: number;
  readonly inspect: boolean;
  readonly emit: (event: Untimed<RunnerEvent>) => void;
  readonly beforeExecuting: Promise<void>;
  /** Why a person wants the run's model live whatever the gates say. */
  readonly override?: string | undefined;
}

/** Everything the runner works with. */
export async function runnerContext(bench: Workbench, options: ContextOptions): Promise<RunnerContext> {
  const { folders, installation, project, memo, store, prepared } = bench;
  const { log, io, round, workers, inspect, emit, beforeExecuting, override } = options;
  const { root, state } = folders;
  const packagesFolder = packagesFolderOf(root, installation.home);
  const { pipeline } = project;
  return {
    root,
    where: whereOptions(folders, io.cwd)
      .map((option) => ` ${option}`)
      .join(''),
    state,
    log,
    store,
    memo,
    pipeline,
    code: prepared.code,
    services: await createServices({ log, state, pipeline: pipeline.name, packagesFolder, round, override }),
    env: { ...io.env, MLLOOP_PACKAGES: packagesFolder },
    clock: io.clock,
    signal: io.signal,
    emit,
    hostFile: builtFile(installation.built, 'stage-host'),
    packagesFolder,
    versions: versionReader(packagesFolder, memo),
    platform: platformKey(),
    workers,
    inspect,
    beforeExecuting,
  };
}
