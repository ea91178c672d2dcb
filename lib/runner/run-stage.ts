import type { StageEndStatus } from '../domain/event.ts';
import { type Failure, failureText } from '../domain/failure.ts';
import type { Pipeline, Stage } from '../domain/pipeline.ts';
import { type ArtifactUse, latestAttempt, type PastAttempt, recordUnexecuted } from '../runlog/attempts.ts';
import type { Sha256 } from '../util/hash.ts';
import { runAttempt } from './attempt.ts';
import { endingOf } from './collect-outs.ts';
import { decide } from './decide.ts';
import { linkOuts } from './links.ts';
import { logTail } from './log-tail.ts';
import { resolveDeps } from './resolve-deps.ts';
import type { RunnerContext } from './runner-context.ts';
import { keyOf } from './stage-key.ts';

/** How a stage of a run came out. */
export interface StageResult {
  readonly stage: string;
  readonly status: StageEndStatus;
  /** Hash of every out, by name; empty when there are none. */
  readonly outs: Readonly<Record<string, Sha256>>;
  readonly failure: Failure | undefined;
  /** Why a follow-up run is wanted; undefined when it is not. */
  readonly next: string | undefined;
}

export interface StageTurn {
  readonly run: number;
  readonly stage: Stage;
  /** Why it has to execute whatever its key says; undefined when it does not. */
  readonly forced: string | undefined;
  /** Results of the stages before it in this run, by name. */
  readonly before: ReadonlyMap<string, StageResult>;
}

/** Takes a stage's turn in a run: blocked, fresh, cached, or executed. */
export async function runStage(context: RunnerContext, turn: StageTurn): Promise<StageResult> {
  const { run, stage, before } = turn;
  const { log, store } = context;
  const blocker = blockedBy(stage, before);
  if (blocker !== undefined) return endUnexecuted(context, turn, { status: 'blocked', why: `waits for ${blocker}` });
  const code = context.code.get(stage.name);
  if (code === undefined) throw new Error(`the code of ${stage.name} was not prepared`);
  const sources = {
    root: context.root,
    env: context.env,
    store,
    outHash: (name: string, out: string) => outHash(context, { before, stage: name, out }),
    outKind: (name: string, out: string) => outKind(context, name, out),
  };
  const deps = await resolveDeps(stage, sources);
  if (!deps.ok) return endUnexecuted(context, turn, { status: 'failed', why: 'its deps', failure: deps.failure });
  const inputs = { stage, code, seed: context.pipeline.seed, services: context.services };
  const where = { packagesFolder: context.packagesFolder, platform: context.platform };
  const key = await keyOf({ ...inputs, ...where, deps: deps.value });
  const verdict = await decide({ log, store, stage: stage.name, code, key, forced: turn.forced });
  context.emit({ type: 'stage-decided', stage: stage.name, verdict: verdict.verdict, why: verdict.why });
  if (verdict.verdict !== 'run') {
    const { origin, why } = verdict;
    return endUnexecuted(context, turn, { status: verdict.verdict, why, origin, key });
  }
  context.emit({ type: 'stage-started', stage: stage.name });
  const keyAfter = async () => {
    const again = await resolveDeps(stage, sources);
    return keyOf({ ...inputs, ...where, deps: again.ok ? again.value : deps.value });
  };
  const attempt = await runAttempt(context, { run, stage, code, key, deps: deps.value, why: verdict.why, keyAfter });
  const outs = Object.fromEntries(attempt.outs.map(({ name, hash }) => [name, hash]));
  if (attempt.failure === undefined) link(context, { run, stage, outs });
  const hasFailed = attempt.failure !== undefined;
  context.emit({
    type: 'stage-ended',
    stage: stage.name,
    status: attempt.status as StageEndStatus,
    durationMs: attempt.durationMs,
    why: verdict.why,
    failure: attempt.failure,
    logTail: hasFailed ? logTail(attempt.logFile) : [],
    logFile: hasFailed ? attempt.logFile : undefined,
    resume: hasFailed ? resumeCommand(context.pipeline, stage.name) : undefined,
  });
  const { next } = attempt;
  return { stage: stage.name, status: attempt.status as StageEndStatus, outs, failure: attempt.failure, next };
}

/** The command that takes up the run where this stage left it. */
function resumeCommand({ profile, overrides }: Pipeline, stage: string): string {
  const quoted = (text: string): string => (/^[\w./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const settings = [
    ...(profile === undefined ? [] : [`--profile ${quoted(profile)}`]),
    ...Object.entries(overrides).map(([path, value]) => `--set ${quoted(`${path}=${value}`)}`),
  ];
  return [`npm run pipeline -- --from ${stage}`, ...settings].join(' ');
}

function blockedBy(stage: Stage, before: ReadonlyMap<string, StageResult>): string | undefined {
  return Object.values(stage.deps)
    .flatMap((dep) => (dep.kind === 'out' ? [before.get(dep.stage)] : []))
    .find((result) => result !== undefined && !['succeeded', 'fresh', 'cached'].includes(result.status))?.stage;
}

interface OutName {
  readonly before: ReadonlyMap<string, StageResult>;
  readonly stage: string;
  readonly out: string;
}

function outHash({ log }: RunnerContext, { before, stage, out }: OutName): Sha256 | undefined {
  return (before.get(stage)?.outs ?? latestAttempt(log, stage)?.outs)?.[out];
}

function outKind(context: RunnerContext, stage: string, out: string): ArtifactUse['kind'] {
  return context.pipeline.stages.find(({ name }) => name === stage)?.outs[out] ?? 'file';
}

interface Unexecuted {
  readonly status: 'fresh' | 'cached' | 'blocked' | 'failed';
  readonly why: string;
  readonly origin?: PastAttempt;
  readonly key?: { readonly hash: Sha256; readonly parts: PastAttempt['keyParts'] };
  readonly failure?: Failure;
}

function endUnexecuted(context: RunnerContext, turn: StageTurn, end: Unexecuted): StageResult {
  const { run, stage } = turn;
  const { status, why, origin, key } = end;
  const told = end.failure === undefined ? why : failureText(end.failure);
  if (status === 'blocked') context.emit({ type: 'stage-decided', stage: stage.name, verdict: 'blocked', why });
  recordUnexecuted(context.log, {
    run,
    stage: stage.name,
    number: 1,
    key: key?.hash,
    keyParts: key?.parts,
    why: told,
    startedAt: context.clock.now(),
    status,
    origin: origin?.id,
  });
  const outs = origin?.outs ?? {};
  link(context, { run, stage, outs });
  context.emit({
    type: 'stage-ended',
    stage: stage.name,
    status,
    durationMs: 0,
    why,
    failure: end.failure,
    logTail: [],
    logFile: undefined,
    resume: undefined,
  });
  return { stage: stage.name, status, outs, failure: end.failure, next: undefined };
}

interface Linked {
  readonly run: number;
  readonly stage: Stage;
  readonly outs: Readonly<Record<string, Sha256>>;
}

function link(context: RunnerContext, { run, stage, outs }: Linked): void {
  linkOuts({
    artifacts: context.state.artifacts,
    run,
    stage: stage.name,
    outs: Object.fromEntries(Object.entries(outs).map(([name, hash]) => [name, context.store.pathOf(hash)])),
    endings: Object.fromEntries(Object.entries(stage.outs).map(([name, kind]) => [name, endingOf(kind)])),
  });
}
