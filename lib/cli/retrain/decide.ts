import type { DecisionRecord } from '../../domain/records.ts';
import type { Asked, RetrainDecision, RetrainPolicy } from '../../domain/retrain.ts';
import { MOST_WINDOWS, type Rules } from '../../domain/rules.ts';
import { summariseCounts } from '../../monitor/feedback-summary.ts';
import { decideRetrain, PROMOTIONS_WINDOW_MS } from '../../monitor/retrain.ts';
import { decideNext } from '../../monitor/rules.ts';
import { CHAMPION } from '../../registry/answers.ts';
import { lastRetrainingOf, testedChampion } from '../../registry/retrain-facts.ts';
import { judgedWindows } from '../../runlog/drift.ts';
import {
  type AcceptedCut,
  acceptedCuts,
  countLabelledSince,
  hasRealLabels,
  lastLabelId,
} from '../../runlog/feedback.ts';
import { labelCounts } from '../../runlog/label-counts.ts';
import type { RunLog } from '../../runlog/open.ts';
import { countPromotions } from '../../runlog/retrain.ts';

export interface RetrainQuestion {
  readonly line: string;
  readonly asked: Asked;
  readonly reason: string;
  readonly policy: RetrainPolicy;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface RetrainAnswer {
  readonly decision: RetrainDecision;
  /** The version that is live; null for none. */
  readonly champion: number | null;
  /** Feedback that a run would learn from and none has yet. */
  readonly cut: AcceptedCut | undefined;
}

/** Reads what the rules need in one state of the log, and decides. */
export function answerRetrain(log: RunLog, { line, asked, reason, policy, now }: RetrainQuestion): RetrainAnswer {
  return log.reading(() => {
    const champion = testedChampion(log, line);
    const live = liveSide(log, { line, version: champion?.version, rules: policy.rules });
    const decision = decideRetrain(
      { asked, reason, policy },
      {
        now,
        champion,
        last: lastRetrainingOf(log, line),
        promotions: countPromotions(log, line, CHAMPION, now - PROMOTIONS_WINDOW_MS),
        live: live.decision,
      },
    );
    return {
      decision,
      champion: champion?.version ?? null,
      cut: decision.verdict === 'retrain' ? live.cut : undefined,
    };
  });
}

interface LiveSide {
  readonly decision: DecisionRecord;
  readonly cut: AcceptedCut | undefined;
}

interface LiveQuestion {
  readonly line: string;
  /** The champion's; undefined without one. */
  readonly version: number | undefined;
  readonly rules: Rules;
}

const NONE = { real: { predictions: 0, labels: 0, correct: 0 }, simulated: { predictions: 0, labels: 0, correct: 0 } };

/** The rules of the live side, as iterate judges them: one kind speaks for all. What was simulated teaches only where a rule asks. */
function liveSide(log: RunLog, { line, version, rules }: LiveQuestion): LiveSide {
  const windows = version === undefined ? { real: [], simulated: [] } : judgedWindows(log, line, version, MOST_WINDOWS);
  const simulated = windows.real.length === 0 && !hasRealLabels(log, line);
  const kind = simulated ? 'simulated' : 'real';
  const after = acceptedCuts(log).find((cut) => cut.line === line)?.lastLabel ?? 0;
  const newLabels = countLabelledSince(log, line, after)[kind];
  const labelled = summariseCounts((version === undefined ? NONE : labelCounts(log, line, version))[kind]);
  const asked = { rules, labelled, simulated, newLabels, windows: windows[kind] };
  const decision = decideNext({ ...asked, round: 0, maxRounds: 1 });
  const teaches = newLabels > 0 && (!simulated || decision.verdict === 'retrain');
  return { decision, cut: teaches ? { line, simulated, lastLabel: lastLabelId(log) } : undefined };
}
