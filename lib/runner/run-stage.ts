import { setTimeout } from 'node:timers/promises';
import type { StageEndStatus } from '../domain/event.ts';
import { type Failure, isTransient } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import type { PastAttempt } from '../runlog/attempts.ts';
import { LONGEST_TIMER_MS } from '../util/after.ts';
import { waitBeforeRetry } from '../util/backoff.ts';
import type { Sha256 } from '../util/hash.ts';
import { type AttemptResult, runAttempt } from './attempt.ts';
import { debugCommand, resumeCommand } from './commands.ts';
import { taintText } from './commit.ts';
import { decide } from './decide.ts';
import { collectLinks } from './links.ts';
import { logTail } from './log-tail.ts';
import type { RunRecord } from './run-record.ts';
import type { RunnerContext } from './runner-context.ts';
import type { Turn } from './schedule.ts';
import { type StageInputs, stageInputs } from './stage-inputs.ts';
import { stageSeed } from './stage-key.ts';
import type { StageResult, StageResults } from './stage-result.ts';
import { checkCondition } from './when.ts';

export interface StageTurn {
  readonly record: RunRecord;
  readonly stage: Stage;
  /** Why it has to execute whatever its key says; undefined when it does not. */
  readonly forced: string | undefined;
  /** Results of the stages before it in this run, by name. */
  readonly before: StageResults;
  /** The attempt that made what stands for a stage, in this run or before it. */
  readonly attemptOf: (stage: string) => number | undefined;
}

/** Begins a stage's turn: it is blocked, skipped, fresh or cached at once, or has to be executed. */
export async function beginStage(context: RunnerContext, turn: StageTurn): Promise<Turn<StageResult>> {
  const { stage, before } = turn;
  const held = heldBack(stage, before);
  if (held !== undefined) return { ended: endUnexecuted(context, turn, held) };
  if (stage.when !== undefined) {
    const params = context.code.get(stage.name)?.params ?? stage.params;
    const holds = checkCondition(stage.when, { log: context.log, params, attemptOf: turn.attemptOf });
    if (!holds.ok) return { ended: endUnexecuted(context, turn, failed('its condition', holds.failure)) };
    if (holds.value !== undefined) {
      return { ended: endUnexecuted(context, turn, { status: 'skipped', why: holds.value }) };
    }
  }
  const inputs = await stageInputs(context, stage, (name) => before.get(name)?.outs);
  if (!inputs.ok) return { ended: endUnexecuted(context, turn, failed('what it reads', inputs.failure)) };
  const { log, store } = context;
  const { code, key } = inputs.value;
  const forced = turn.forced ?? (stage.always ? 'always' : undefined);
  const verdict = await decide({ log, store, stage: stage.name, code, key, forced });
  context.emit({ type: 'stage-decided', stage: stage.name, verdict: verdict.verdict, why: verdict.why });
  if (verdict.verdict === 'run')
    return { execute: () => execute(context, turn, { ...inputs.value, why: verdict.why }) };
  const { origin, why } = verdict;
  return { ended: endUnexecuted(context, turn, { status: verdict.verdict, why, origin, key: key.hash }) };
}

const failed = (why: string, fault: Failure): Unexecuted => ({ status: 'failed', why, failure: fault });

/** What failed before a stage blocks it; what was skipped before it skips it, too. */
function heldBack(stage: Stage, before: StageResults): Unexecuted | undefined {
  const needed = Object.values(stage.deps).flatMap((dep) => (dep.kind === 'out' ? (before.get(dep.stage) ?? []) : []));
  const lost = needed.find(({ status }) => !['succeeded', 'fresh', 'cached', 'skipped'].includes(status));
  if (lost !== undefined) return { status: 'blocked', why: `waits for ${lost.stage}` };
  const skipped = needed.find(({ status }) => status === 'skipped');
  return skipped === undefined ? undefined : { status: 'skipped', why: `${skipped.stage} was skipped` };
}

/** A stage that never began, because the run was stopped before. */
export function endUnbegun(context: RunnerContext, turn: StageTurn, why: string): StageResult {
  return endUnexecuted(context, turn, heldBack(turn.stage, turn.before) ?? { status: 'skipped', why });
}

async function execute(
  context: RunnerContext,
  { record, stage, attemptOf }: StageTurn,
  inputs: StageInputs & { readonly why: string },
): Promise<StageResult> {
  await context.beforeExecuting;
  context.emit({ type: 'stage-started', stage: stage.name });
  const startedMs = context.clock.elapsed();
  let attempt: AttemptResult;
  for (let number = 1; ; number++) {
    attempt = await runAttempt(context, { ...inputs, record, stage, attemptOf, number });
    if (!(await isTriedAgain(context, stage, { attempt, number }))) break;
  }
  const { failure: fault, taint } = attempt;
  if (taint !== undefined) {
    context.emit({ type: 'stage-log', stage: stage.name, level: 'warning', text: taintText(taint) });
  }
  const hasFailed = fault !== undefined;
  context.emit({
    type: 'stage-ended',
    stage: stage.name,
    status: attempt.status as StageEndStatus,
    durationMs: context.clock.elapsed() - startedMs,
    why: inputs.why,
    failure: fault,
    logTail: hasFailed ? logTail(attempt.logFile) : [],
    logFile: hasFailed ? attempt.logFile : undefined,
    resume: hasFailed ? resumeCommand(context, stage.name) : undefined,
    debug: hasFailed && stage.action.kind === 'module' ? debugCommand(context, stage.name) : undefined,
  });
  const result: StageResult = {
    stage: stage.name,
    status: attempt.status as StageEndStatus,
    outs: Object.fromEntries(attempt.outs.map(({ name, hash }) => [name, hash])),
    madeBy: hasFailed ? undefined : attempt.attempt,
    failure: fault,
    next: attempt.next,
  };
  collectLinks(context, record.run, [result]);
  return result;
}

/** Waits before the next try; false when there is none. What decides is the kind of failure, never its text. */
async function isTriedAgain(
  { emit, pipeline, signal }: RunnerContext,
  { name, retry }: Stage,
  { attempt, number }: { readonly attempt: AttemptResult; readonly number: number },
): Promise<boolean> {
  const { failure: fault } = attempt;
  if (fault === undefined || !isTransient(fault) || number >= retry.attempts || signal.aborted) return false;
  const waitMs = Math.min(LONGEST_TIMER_MS, waitBeforeRetry(retry, number, stageSeed(pipeline.seed, name)));
  emit({ type: 'stage-retried', stage: name, tried: number, attempts: retry.attempts, waitMs, failure: fault });
  try {
    await setTimeout(waitMs, undefined, { signal });
    return true;
  } catch {
    // Cancelled while waiting: the failure stands.
    return false;
  }
}

interface Unexecuted {
  readonly status: 'fresh' | 'cached' | 'skipped' | 'blocked' | 'failed';
  readonly why: string;
  readonly origin?: PastAttempt;
  readonly key?: Sha256;
  readonly failure?: Failure;
}

function endUnexecuted(context: RunnerContext, { record, stage }: StageTurn, end: Unexecuted): StageResult {
  const { status, why, origin, key, failure: fault } = end;
  if (status === 'blocked' || status === 'skipped') {
    context.emit({ type: 'stage-decided', stage: stage.name, verdict: status, why });
  }
  record.turn({ stage: stage.name, status, key, why, at: context.clock.now(), origin: origin?.id, failure: fault });
  context.emit({
    type: 'stage-ended',
    stage: stage.name,
    status,
    durationMs: 0,
    why,
    failure: fault,
    logTail: [],
    logFile: undefined,
    resume: undefined,
    debug: undefined,
  });
  return { stage: stage.name, status, outs: origin?.outs ?? {}, madeBy: origin?.id, failure: fault, next: undefined };
}
