import type { Failure } from '../domain/failure.ts';
import { modelLine } from '../domain/line.ts';
import {
  type AcceptedCut,
  acceptedCuts,
  failedTurns,
  hasOpenCut,
  insertCut,
  type LearningTurn,
  lastAttemptId,
  lastTakenIn,
  learningTurns,
  lineOfLabel,
  type RecordedCut,
  refusedAttempt,
  refusedCut,
  settleCut,
} from '../runlog/cuts.ts';
import { countLabelledUpTo } from '../runlog/feedback.ts';
import type { RunLog } from '../runlog/open.ts';
import { insertRecords } from '../runlog/records.ts';

export interface EndedRun {
  readonly run: number;
  /** Whether every stage had its turn, and none refused or failed. */
  readonly passed: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * A cut of feedback is a proposal until a run that learned from it has passed its gates; a run that a gate refuses gives it back, so
 * that later ones learn without it, and so does one that could not be made because of it. One that broke off for another reason says
 * nothing, and the next goes on with it. The caller holds the transaction.
 */
export function settleFeedback(log: RunLog, { run, passed, at }: EndedRun): void {
  if (!hasOpenCut(log)) return;
  const refusedBy = passed ? undefined : refusedAttempt(log, run);
  if (!passed && refusedBy === undefined) return giveMisfitsBack(log, { run, at });
  const outcome = refusedBy === undefined ? 'taken_in' : 'given_back';
  const attempt = lastAttemptId(log);
  for (const turn of learningTurns(log, run)) {
    for (const line of linesOf(turn)) {
      const cut = settleCut(log, { line, turn: turn.attempt, outcome, attempt, at });
      if (cut !== undefined && refusedBy !== undefined) tellGivenBack(log, refusedBy, cut, REFUSED);
    }
  }
}

/** Labels of generated rows are those of another line; a source that does not say which it has may mean either. */
function linesOf({ pipeline, generated }: LearningTurn): string[] {
  const kinds = generated === null ? [false, true] : [generated === 1];
  return kinds.map((kind) => modelLine(pipeline, kind));
}

type Misfit = Failure<'DATA_FEEDBACK_SHAPE' | 'DATA_FEEDBACK_CLASS'>;

const isMisfit = (fault: Failure): fault is Misfit =>
  fault.code === 'DATA_FEEDBACK_SHAPE' || fault.code === 'DATA_FEEDBACK_CLASS';

/** What does not fit into the data would keep every run from being made. What a run has passed with before fitted then: it is not that. */
function giveMisfitsBack(log: RunLog, { run, at }: Pick<EndedRun, 'run' | 'at'>): void {
  for (const { attempt: turn, failure } of failedTurns(log, run)) {
    const fault = JSON.parse(failure) as Failure;
    const line = isMisfit(fault) ? lineOfLabel(log, fault.fields.labelId) : undefined;
    if (line === undefined || !isMisfit(fault) || fault.fields.labelId <= lastTakenIn(log, line)) continue;
    const cut = settleCut(log, { line, turn, outcome: 'given_back', attempt: lastAttemptId(log), at });
    if (cut !== undefined) tellGivenBack(log, turn, cut, MISFIT);
  }
}

const REFUSED = 'this run was refused: later runs learn without what it had learned from';
const MISFIT = 'not all of them fit into the data of this run: later runs learn without them';

function tellGivenBack(log: RunLog, attempt: number, cut: RecordedCut, why: string): void {
  const before: AcceptedCut | undefined = acceptedCuts(log).find(({ line }) => line === cut.line);
  const count = countLabelledUpTo(log, cut, before?.lastLabel ?? 0);
  if (count === 0) return;
  const kind = cut.simulated ? 'SIMULATED ' : '';
  const labels = `${count} ${kind}${count === 1 ? 'label' : 'labels'} of ${cut.line}`;
  const text = [
    `${labels}, because ${why}.`,
    cut.simulated
      ? 'They are tried again together with newer ones.'
      : 'They are tried again together with newer ones, or when somebody asks: npm run retrain -- --force --reason "WHY"',
  ].join('\n');
  insertRecords(log, attempt, [{ kind: 'note', title: 'given back', text, level: 'warning' }]);
}

/** Who overrides a refusal means what was refused: the feedback that the refused run gave back is proposed once more. */
export function proposeRefused(
  log: RunLog,
  { pipeline, at }: { readonly pipeline: string; readonly at: number },
): void {
  for (const generated of [false, true]) {
    const cut = refusedCut(log, modelLine(pipeline, generated));
    if (cut === undefined) continue;
    const { line, simulated, lastLabel } = cut;
    log.atomically(() => insertCut(log, { line, simulated, lastLabel, attempt: lastAttemptId(log), at }));
  }
}
