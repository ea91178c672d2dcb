import type { RunEndStatus } from '../domain/event.ts';
import { EXIT, type ExitCode, worstExit } from '../domain/exit-code.ts';
import { exitCodeOf } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import type { RunSummary } from '../domain/summary.ts';
import { endRun, type NewRun, startRun } from '../runlog/runs.ts';
import { runStage, type StageResult } from './run-stage.ts';
import type { RunnerContext } from './runner-context.ts';

export interface RunPlan {
  /** The stages to look at, in order. */
  readonly stages: readonly Stage[];
  /** Why a stage has to execute whatever its key says; undefined when it does not. */
  readonly forced: (stage: string) => string | undefined;
  readonly record: Omit<NewRun, 'params' | 'startedAt' | 'seed' | 'pipeline'>;
  readonly summarise: (run: number) => RunSummary;
}

export interface RunOutcome {
  readonly run: number;
  readonly status: RunEndStatus;
  readonly exitCode: ExitCode;
  /** Why a follow-up run is wanted; undefined when it is not. */
  readonly next: string | undefined;
}

/** Runs the stages in order and puts the run on record; a failure stops what depends on it and nothing is started after it. */
export async function runPipeline(context: RunnerContext, plan: RunPlan): Promise<RunOutcome> {
  const { log, clock, pipeline, emit } = context;
  const startedMs = clock.elapsed();
  const params = Object.fromEntries(
    plan.stages.map(({ name, params: declared }) => [name, context.code.get(name)?.params ?? declared]),
  );
  const record = { ...plan.record, pipeline: pipeline.name, seed: pipeline.seed, params, startedAt: clock.now() };
  const run = startRun(log, record);
  const { profile, parent, trigger } = plan.record;
  const names = plan.stages.map(({ name }) => name);
  emit({ type: 'run-started', run, pipeline: pipeline.name, profile, stages: names, parent, trigger });
  const results = new Map<string, StageResult>();
  for (const stage of plan.stages) {
    if (context.signal.aborted) break;
    const turn = { run, stage, forced: plan.forced(stage.name), before: results };
    results.set(stage.name, await runStage(context, turn));
  }
  const exitCode = exitOf([...results.values()], context.signal.aborted);
  const status = STATUS_OF[exitCode] ?? 'failed';
  endRun(log, run, { status, exitCode, endedAt: clock.now() });
  const durationMs = clock.elapsed() - startedMs;
  emit({ type: 'run-ended', run, status, exitCode, durationMs, summary: plan.summarise(run) });
  const next = [...results.values()].map((result) => result.next).find((reason) => reason !== undefined);
  return { run, status, exitCode, next: exitCode === EXIT.done ? next : undefined };
}

const STATUS_OF: Readonly<Partial<Record<ExitCode, RunEndStatus>>> = {
  [EXIT.done]: 'succeeded',
  [EXIT.refused]: 'refused',
  [EXIT.timedOut]: 'timed_out',
  [EXIT.interrupted]: 'cancelled',
};

function exitOf(results: readonly StageResult[], isCancelled: boolean): ExitCode {
  const codes = results.flatMap(({ failure }) => (failure === undefined ? [] : [exitCodeOf(failure)]));
  return worstExit(isCancelled ? [...codes, EXIT.interrupted] : codes);
}
