import type { Memo } from '../../cache/memo.ts';
import { EXIT, type ExitCode } from '../../domain/exit-code.ts';
import { type Failure, failure } from '../../domain/failure.ts';
import type { Asked } from '../../domain/retrain.ts';
import type { RetrainRun } from '../../domain/retrain-result.ts';
import { retrainedLine } from '../../registry/retrain-facts.ts';
import type { RunLog } from '../../runlog/open.ts';
import { insertRetrainDecision, nameRun } from '../../runlog/retrain.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { actorName } from '../actor.ts';
import type { CommonOptions, Installation, Io } from '../io.ts';
import type { ProjectOptions } from '../load-project.ts';
import type { Folders } from '../project.ts';
import type { RecalledProject } from '../recall-project.ts';
import { answerRetrain, type RetrainAnswer } from './decide.ts';
import { type Told, tellResult } from './tell.ts';

export interface RetrainOptions extends CommonOptions, ProjectOptions {
  /** Only where a rule asks for it. */
  readonly ifNeeded?: boolean;
  /** Whatever holds it back. */
  readonly force?: boolean;
  readonly reason?: string;
  /** Whether the first runs.db may be made. */
  readonly bootstrap?: boolean;
  readonly jobs?: number;
  readonly workers?: number;
  readonly wait?: boolean;
  readonly json?: boolean;
  /** Where to write the summary, besides $GITHUB_STEP_SUMMARY. */
  readonly summary?: string;
}

/** What a person, or a schedule, wants. */
export interface Wish {
  readonly asked: Asked;
  readonly reason: string;
}

export function readWish({ ifNeeded, force, reason: text = '' }: RetrainOptions): Result<Wish, Failure> {
  // One line: it stands in one of the log.
  const reason = text.trim().replace(/\s+/g, ' ');
  if (force !== true) return ok({ asked: ifNeeded === true ? 'if_needed' : 'now', reason });
  if (reason !== '') return ok({ asked: 'force', reason });
  const next = 'Type: npm run retrain -- --force --reason "the scanner was replaced"';
  return err(failure('USAGE', { problem: '--force needs a --reason: it stands in the log for good.', next }));
}

export interface Call extends Wish {
  readonly options: RetrainOptions;
  readonly io: Io;
  readonly installation: Installation;
  readonly folders: Folders;
  readonly project: RecalledProject;
  readonly memo: Memo;
}

export interface Question {
  readonly line: string;
  readonly at: number;
  readonly answer: RetrainAnswer;
}

export function ask({ options, io, project, memo, asked, reason }: Call, log: RunLog): Question {
  const { name, retrain: policy } = project.pipeline;
  const at = io.clock.now();
  const line = retrainedLine(log, name, options.profile);
  return { line, at, answer: answerRetrain(log, { line, asked, reason, policy, now: at, memo }) };
}

/** Puts a decision on record, and returns its number. */
export function record({ options, asked }: Call, log: RunLog, { line, at, answer }: Question): number {
  const { decision, cut } = answer;
  const actor = actorName();
  return insertRetrainDecision(log, { line, asked, actor, profile: options.profile, decision, cut, at });
}

/** Nobody waits for the disk to hear that nothing is to do. */
export function skip(call: Call, log: RunLog, question: Question): ExitCode {
  log.relax();
  return tell(call, question, { id: record(call, log, question), runs: [], after: question.answer.champion });
}

/** Nothing could be decided: the log says so, and why. */
export function fail(
  call: Call,
  log: RunLog,
  {
    reason,
    run,
    exitCode,
  }: { readonly reason: string; readonly run: RetrainRun | undefined; readonly exitCode: ExitCode },
): ExitCode {
  const question = ask(call, log);
  const { champion } = question.answer;
  const decision = { verdict: 'failed', reason, triggers: [], brakes: [] } as const;
  const failed = { ...question, answer: { decision, champion, cut: undefined } };
  const id = record(call, log, failed);
  if (run !== undefined) nameRun(log, id, run.run);
  return tell(call, failed, { id, runs: run === undefined ? [] : [run], after: champion, exitCode });
}

interface Ended {
  readonly id: number;
  readonly runs: readonly RetrainRun[];
  readonly after: number | null;
  readonly exitCode?: ExitCode;
}

export function tell(
  { options, io, asked }: Call,
  { line, at, answer }: Question,
  { id, runs, after, exitCode = EXIT.done }: Ended,
): ExitCode {
  const { decision, champion: before } = answer;
  const told: Told = { json: options.json ?? false, summary: options.summary };
  const profile = options.profile ?? null;
  tellResult({ line, asked, profile, at, id, decision, runs, champion: { before, after }, exitCode }, told, io);
  return exitCode;
}
