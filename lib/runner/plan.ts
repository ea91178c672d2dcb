import { failureText } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import { upstreamOf } from '../graph/order.ts';
import { latestAttempt } from '../runlog/attempts.ts';
import type { Sha256 } from '../util/hash.ts';
import { decide } from './decide.ts';
import type { RunnerContext } from './runner-context.ts';
import { stageInputs } from './stage-inputs.ts';
import { checkCondition } from './when.ts';

/** What a run would do with a stage, as far as that can be known before it begins. */
export interface PlannedStage {
  readonly stage: string;
  /** `open`: that depends on what the stages before it will make. */
  readonly verdict: 'fresh' | 'cached' | 'run' | 'open' | 'skipped' | 'blocked';
  readonly why: string;
}

interface Planned extends PlannedStage {
  /** Known for stages that would not be executed. */
  readonly outs: Readonly<Record<string, Sha256>> | undefined;
  readonly madeBy: number | undefined;
}

export interface PlanOptions {
  readonly forced: (stage: string) => string | undefined;
}

/** Decides every stage as a run would, without executing, restoring or writing anything. */
export async function planStages(
  context: RunnerContext,
  stages: readonly Stage[],
  { forced }: PlanOptions,
): Promise<readonly PlannedStage[]> {
  const planned = new Map<string, Planned>();
  for (const stage of stages) planned.set(stage.name, await planStage(context, stage, { planned, forced }));
  return [...planned.values()].map(({ stage, verdict, why }) => ({ stage, verdict, why }));
}

interface Planning extends PlanOptions {
  readonly planned: ReadonlyMap<string, Planned>;
}

async function planStage(context: RunnerContext, stage: Stage, { planned, forced }: Planning): Promise<Planned> {
  const unmade = { stage: stage.name, outs: undefined, madeBy: undefined };
  const before = upstreamOf(stage).flatMap((name) => planned.get(name) ?? []);
  const blocker = before.find(({ verdict }) => verdict === 'blocked');
  if (blocker !== undefined) return { ...unmade, verdict: 'blocked', why: `waits for ${blocker.stage}` };
  const skipped = before.find(({ verdict }) => verdict === 'skipped');
  if (skipped !== undefined) return { ...unmade, verdict: 'skipped', why: `${skipped.stage} would be skipped` };
  const undone = before.filter(({ verdict }) => verdict === 'run' || verdict === 'open').map((one) => one.stage);
  const always = forced(stage.name) ?? (stage.always ? 'always' : undefined);
  if (undone.length > 0) {
    const isSure = always !== undefined && stage.when === undefined;
    if (isSure) return { ...unmade, verdict: 'run', why: always };
    return { ...unmade, verdict: 'open', why: `depends on what ${undone.join(' and ')} will make` };
  }
  if (stage.when !== undefined) {
    const attemptOf = (name: string) => planned.get(name)?.madeBy ?? latestAttempt(context.log, name)?.id;
    const { params } = context.code.get(stage.name) ?? stage;
    const holds = checkCondition(stage.when, { log: context.log, params, attemptOf });
    if (!holds.ok) return { ...unmade, verdict: 'blocked', why: failureText(holds.failure) };
    if (holds.value !== undefined) return { ...unmade, verdict: 'skipped', why: holds.value };
  }
  const inputs = await stageInputs(context, stage, (name) => planned.get(name)?.outs);
  if (!inputs.ok) return { ...unmade, verdict: 'blocked', why: failureText(inputs.failure) };
  const { log, store } = context;
  const { code, key } = inputs.value;
  const decided = await decide({ log, store, stage: stage.name, code, key, forced: always });
  if (decided.verdict === 'run') return { ...unmade, verdict: 'run', why: decided.why };
  const { origin, verdict, why } = decided;
  return { stage: stage.name, verdict, why, outs: origin.outs, madeBy: origin.id };
}
