import type { RunEndStatus } from '../domain/event.ts';
import { EXIT, type ExitCode, worstExit } from '../domain/exit-code.ts';
import { exitCodeOf } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import type { RunSummary } from '../domain/summary.ts';
import { upstreamOf } from '../graph/order.ts';
import { latestAttempt } from '../runlog/attempts.ts';
import { endRun, type NewRun } from '../runlog/runs.ts';
import { faultPoint } from '../util/fault.ts';
import { createRng } from '../util/rng.ts';
import { collectLinks } from './links.ts';
import { beginRecord } from './run-record.ts';
import { beginStage, endUnbegun, type StageTurn } from './run-stage.ts';
import type { RunnerContext } from './runner-context.ts';
import { type Item, runSchedule } from './schedule.ts';
import type { StageResult, StageResults } from './stage-result.ts';

export interface RunPlan {
  /** The stages to look at, in order. */
  readonly stages: readonly Stage[];
  /** Why a stage has to execute whatever its key says; undefined when it does not. */
  readonly forced: (stage: string) => string | undefined;
  readonly record: () => Omit<NewRun, 'params' | 'startedAt' | 'seed' | 'pipeline'>;
  readonly parent: number | undefined;
  readonly trigger: NewRun['trigger'];
  /** How many stages may be executed at once. */
  readonly jobs: number;
  /** Whether stages that do not need what failed are still begun. */
  readonly keepGoing: boolean;
  /** Seed of another order for stages that are ready at once; undefined for the file's. */
  readonly shuffle: number | undefined;
  /** What a person should know before anything is done. */
  readonly warnings: readonly string[];
  readonly summarise: (run: number) => RunSummary;
}

export interface RunOutcome {
  readonly run: number;
  readonly status: RunEndStatus;
  readonly exitCode: ExitCode;
  /** Why a follow-up run is wanted; undefined when it is not. */
  readonly next: string | undefined;
}

interface StageItem extends Item {
  readonly stage: Stage;
}

/** Gives every stage its turn and puts the run on record. */
export async function runPipeline(context: RunnerContext, plan: RunPlan): Promise<RunOutcome> {
  const { log, clock, pipeline, emit } = context;
  const [startedAt, startedMs] = [clock.now(), clock.elapsed()];
  const params = Object.fromEntries(
    plan.stages.map(({ name, params: declared }) => [name, context.code.get(name)?.params ?? declared]),
  );
  const record = beginRecord(log, () => {
    const { name, seed } = pipeline;
    return { ...plan.record(), pipeline: name, seed, params, startedAt };
  });
  const { run } = record;
  const names = plan.stages.map(({ name }) => name);
  const { profile } = pipeline;
  emit({
    type: 'run-started',
    run,
    pipeline: pipeline.name,
    profile,
    stages: names,
    parent: plan.parent,
    trigger: plan.trigger,
  });
  for (const text of plan.warnings) emit({ type: 'run-warning', text });
  const turnOf = (stage: Stage, before: StageResults): StageTurn => ({
    record,
    stage,
    forced: plan.forced(stage.name),
    before,
    attemptOf: (name) => before.get(name)?.madeBy ?? latestAttempt(log, name)?.id,
  });
  const results = await runSchedule<StageItem, StageResult>({
    items: plan.stages.map((stage) => ({ name: stage.name, needs: upstreamOf(stage), mutex: stage.mutex, stage })),
    jobs: plan.jobs,
    order: plan.shuffle === undefined ? (items) => items : shuffled(plan.shuffle),
    begin: ({ stage }, before) => beginStage(context, turnOf(stage, before)),
    isStopped: (before) => context.signal.aborted || (!plan.keepGoing && failedIn(before) !== undefined),
    notBegun: ({ stage }, before) => endUnbegun(context, turnOf(stage, before), whyNotBegun(context, before)),
  });
  const ended = [...results.values()];
  const exitCode = exitOf(ended, context.signal.aborted);
  const status = STATUS_OF[exitCode] ?? 'failed';
  await context.beforeExecuting;
  // A run that found nothing to do is no loss.
  if (ended.every((result) => result.status === 'fresh')) log.relax();
  const at = clock.now();
  // Part of the stages may leave the gates out.
  const passed = exitCode === EXIT.done && plan.stages.length === pipeline.stages.length;
  record.write(() => {
    context.services.settle({ run, passed, at });
    endRun(log, run, { status, exitCode, endedAt: at });
  });
  faultPoint('run.ended');
  collectLinks(context, run, ended);
  const durationMs = clock.elapsed() - startedMs;
  emit({ type: 'run-ended', run, status, exitCode, durationMs, summary: plan.summarise(run) });
  const next = ended.map((result) => result.next).find((reason) => reason !== undefined);
  return { run, status, exitCode, next: exitCode === EXIT.done ? next : undefined };
}

/** Another order with every look, so that a missing edge shows up. */
function shuffled(seed: number): <I>(items: readonly I[]) => readonly I[] {
  const rng = createRng(seed);
  return (items) => {
    const order = rng.shuffle(items.map((_, at) => at));
    return order.flatMap((at) => items[at] ?? []);
  };
}

const failedIn = (results: StageResults): StageResult | undefined =>
  [...results.values()].find(({ failure }) => failure !== undefined);

const whyNotBegun = ({ signal }: RunnerContext, results: StageResults): string =>
  signal.aborted ? 'the run was cancelled' : `not begun, because ${failedIn(results)?.stage} failed`;

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
