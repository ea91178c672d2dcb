import type { Memo } from '../../cache/memo.ts';
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
import { type Counted, labelCounts, rowsBetween } from '../../runlog/label-counts.ts';
import type { RunLog } from '../../runlog/open.ts';
import { countPromotions } from '../../runlog/retrain.ts';
import type { JsonObject } from '../../util/json.ts';

export interface RetrainQuestion {
  readonly line: string;
  readonly asked: Asked;
  readonly reason: string;
  readonly policy: RetrainPolicy;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Where counts of many rows are kept from one call to the next. */
  readonly memo: Memo;
}

export interface RetrainAnswer {
  readonly decision: RetrainDecision;
  /** The version that is live; null for none. */
  readonly champion: number | null;
  /** Feedback that a run would learn from and none has yet. */
  readonly cut: AcceptedCut | undefined;
}

/** Reads what the rules need in one state of the log, and decides. */
export function answerRetrain(log: RunLog, { line, asked, reason, policy, now, memo }: RetrainQuestion): RetrainAnswer {
  return log.reading(() => {
    const champion = testedChampion(log, line);
    const live = liveSide(log, { line, version: champion?.version, rules: policy.rules, memo });
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
  readonly memo: Memo;
}

const NONE = { real: { predictions: 0, labels: 0, correct: 0 }, simulated: { predictions: 0, labels: 0, correct: 0 } };

/** So many rows are counted again rather than writing down how many they are. */
const NOT_WORTH_KEEPING = 2000;

function countLabels(log: RunLog, { line, version, memo }: LiveQuestion): Pick<Counted, 'real' | 'simulated'> {
  if (version === undefined) return NONE;
  const key = `${line} v${version}`;
  const before = memo.get<JsonObject>('labelCounts', key) as unknown as Counted | undefined;
  const counted = labelCounts(log, line, version, before);
  if (rowsBetween(before ?? { label: 0, prediction: 0 }, counted) > NOT_WORTH_KEEPING) {
    memo.set('labelCounts', key, counted as unknown as JsonObject);
  }
  return counted;
}

/** The rules of the live side, as iterate judges them: one kind speaks for all. What was simulated teaches only where a rule asks. */
function liveSide(log: RunLog, question: LiveQuestion): LiveSide {
  const { line, version, rules } = question;
  const windows = version === undefined ? { real: [], simulated: [] } : judgedWindows(log, line, version, MOST_WINDOWS);
  const simulated = windows.real.length === 0 && !hasRealLabels(log, line);
  const kind = simulated ? 'simulated' : 'real';
  const after = acceptedCuts(log).find((cut) => cut.line === line)?.lastLabel ?? 0;
  const newLabels = countLabelledSince(log, line, after)[kind];
  const labelled = summariseCounts(countLabels(log, question)[kind]);
  const asked = { rules, labelled, simulated, newLabels, windows: windows[kind] };
  const decision = decideNext({ ...asked, round: 0, maxRounds: 1 });
  const teaches = newLabels > 0 && (!simulated || decision.verdict === 'retrain');
  return { decision, cut: teaches ? { line, simulated, lastLabel: lastLabelId(log) } : undefined };
}
