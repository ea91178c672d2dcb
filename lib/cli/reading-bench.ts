import { existsSync } from 'node:fs';
import type { Failure } from '../domain/failure.ts';
import { openExistingRunLog, openRunLog, type RunLog } from '../runlog/open.ts';
import type { RunnerContext } from '../runner/runner-context.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { Installation, Io } from './io.ts';
import type { ProjectOptions } from './load-project.ts';
import type { Folders } from './project.ts';
import { saveMemo } from './save-memo.ts';
import { openWorkbench, runnerContext, type Workbench } from './workbench.ts';

/** A project and its log for who only looks: nothing is executed and nothing put on record. */
export interface ReadingBench {
  readonly bench: Workbench;
  readonly log: RunLog;
  readonly context: RunnerContext;
  close(): void;
}

/** Where there is no log yet, an empty one in memory stands for it. */
function openLog(file: string): Result<RunLog, Failure> {
  const existing = openExistingRunLog(file);
  if (!existing.ok) return existing;
  return existing.value === undefined ? openRunLog(':memory:') : ok(existing.value);
}

export async function openReadingBench(
  options: { readonly folders: Folders; readonly installation: Installation; readonly project: ProjectOptions },
  io: Io,
): Promise<Result<ReadingBench, readonly Failure[]>> {
  const bench = await openWorkbench(options);
  if (!bench.ok) return bench;
  const { state } = options.folders;
  const log = openLog(state.database);
  if (!log.ok) return err([log.failure]);
  const context = await runnerContext(bench.value, {
    log: log.value,
    io,
    round: 0,
    workers: 1,
    inspect: false,
    emit: () => undefined,
    beforeExecuting: Promise.resolve(),
  });
  const close = (): void => {
    log.value.close();
    // Whoever only looks into a new folder leaves nothing in it.
    if (existsSync(state.artifacts)) saveMemo(bench.value);
  };
  return ok({ bench: bench.value, log: log.value, context, close });
}
