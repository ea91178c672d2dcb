import { availableParallelism } from 'node:os';
import type { RunnerEvent } from '../domain/event.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { exitCodeOf } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import { selectStages } from '../graph/select.ts';
import { createPlainReporter } from '../report/console/plain-reporter.ts';
import { unverifiedText, verifiedText } from '../report/console/verify-text.ts';
import type { RunLog } from '../runlog/open.ts';
import { verifyStage } from '../runner/verify.ts';
import type { CommonOptions, Installation, Io } from './io.ts';
import type { ProjectOptions } from './load-project.ts';
import { foldersOf, processorName, refuse } from './project.ts';
import { saveMemo } from './save-memo.ts';
import { underLock } from './under-lock.ts';
import { codeFaults, openWorkbench, runnerContext, type Workbench } from './workbench.ts';

export interface VerifyOptions extends CommonOptions, ProjectOptions {
  readonly wait?: boolean;
  /** Worker processes of a search. */
  readonly workers?: number;
}

/** `mlloop verify S`: executes S again under the key its outs have, and says whether the bytes are the same. */
export async function verifyVerb(
  name: string,
  options: VerifyOptions,
  io: Io,
  installation: Installation,
): Promise<ExitCode> {
  const folders = foldersOf(options, io);
  const { state } = folders;
  // Looked at before the lock is asked for, so that a faulty file is told at once.
  const looked = await look(name, { folders, installation, project: options });
  if (!looked.ok) return refuse(io, looked.failure);
  return underLock({ state, wait: options.wait ?? false }, io, async (log) => {
    const again = await look(name, { folders, installation, project: options });
    if (!again.ok) return refuse(io, again.failure);
    try {
      return await verify(again.value, { log, io, workers: options.workers });
    } finally {
      saveMemo(again.value.bench);
    }
  });
}

interface Looked {
  readonly bench: Workbench;
  readonly stage: Stage;
}

async function look(name: string, options: Parameters<typeof openWorkbench>[0]) {
  const bench = await openWorkbench(options);
  if (!bench.ok) return bench;
  const selection = { only: name, from: undefined, to: undefined };
  const selected = selectStages(bench.value.project.pipeline.stages, selection);
  if (!selected.ok) return { ok: false, failure: [selected.failure] } as const;
  const faults = codeFaults(bench.value, selected.value);
  if (faults.length > 0) return { ok: false, failure: faults } as const;
  return { ok: true, value: { bench: bench.value, stage: selected.value[0] as Stage } } as const;
}

interface Verifying {
  readonly log: RunLog;
  readonly io: Io;
  readonly workers: number | undefined;
}

async function verify({ bench, stage }: Looked, { log, io, workers }: Verifying): Promise<ExitCode> {
  const startedMs = io.clock.elapsed();
  const report = createPlainReporter(io.stderr);
  const context = await runnerContext(bench, {
    log,
    io,
    round: 0,
    workers: workers ?? availableParallelism(),
    inspect: false,
    emit: (event) => report({ ...event, atMs: io.clock.elapsed() - startedMs } as RunnerEvent),
    beforeExecuting: Promise.resolve(),
  });
  const verified = await verifyStage(context, stage, {
    processor: processorName(),
    onStart: (run) => {
      io.stderr(`Executing ${stage.name} again, to compare with what run ${run} made.\n`);
      context.emit({ type: 'stage-started', stage: stage.name });
    },
  });
  if (verified.ok) {
    io.stdout(verifiedText(stage.name, verified.value));
    return EXIT.done;
  }
  io.stderr(unverifiedText(verified.failure));
  return exitCodeOf(verified.failure.failure);
}
