import type { Memo } from '../../cache/memo.ts';
import type { DecisionRecord } from '../../domain/records.ts';
import type { Asked, RetrainDecision, RetrainPolicy } from '../../domain/retrain.ts';
import { MOST_WINDOWS, type Rules } from '../../domain/rules.ts';
import { summariseCounts } from '../../monitor/feedback-summary.ts';
import { decideRetrain, PROMOTIONS_WINDOW_MS } from '../../monitor/retrain.ts';
import { decideNext } from '../../monitor/rules.ts';
import { CHAMPION } from '../../registry/answers.ts';
import { countNews } from '../../registry/feedback-news.ts';
import { lastRetrainingOf, testedChampion } from '../../registry/retrain-facts.ts';
import type { AcceptedCut } from '../../runlog/cuts.ts';
import { judgedWindows } from '../../runlog/drift.ts';
import { hasRealLabels, lastLabelId } from '../../runlog/feedback.ts';
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
    const live = liveSide(log, { line, version: champion?.version, rules: policy.rules, asked, memo });
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
  readonly asked: Asked;
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
  const { line, version, rules, asked } = question;
  const windows = version === undefined ? { real: [], simulated: [] } : judgedWindows(log, line, version, MOST_WINDOWS);
  const simulated = windows.real.length === 0 && !hasRealLabels(log, line);
  const kind = simulated ? 'simulated' : 'real';
  const news = countNews(log, line);
  const [newLabels, givenBack] = [news.fresh[kind], news.givenBack[kind]];
  const labelled = summariseCounts(countLabels(log, question)[kind]);
  const inputs = { rules, labelled, simulated, newLabels, givenBack, windows: windows[kind] };
  const decision = decideNext({ ...inputs, round: 0, maxRounds: 1 });
  // Who asks in person may have mended what made a gate refuse; a rule tries it again with newer labels alone.
  const isNews = newLabels > 0 || (asked !== 'if_needed' && givenBack > 0);
  const teaches = isNews && (!simulated || decision.verdict === 'retrain');
  return { decision, cut: teaches ? { line, simulated, lastLabel: lastLabelId(log) } : undefined };
}
