import { type GateRecord, type GateVerdict, gateRecord } from '../../domain/gate.ts';
import { mcnemarExact } from '../statistics/mcnemar.ts';
import { type PairedAnswers, pairCounts } from '../statistics/pair-counts.ts';
import { differenceInterval, type PairedCounts } from '../statistics/score-interval.ts';
import type { Proportion } from '../wilson.ts';

/** What a challenger has to prove to take the champion's place. */
export type Requirement = 'better' | 'not worse';

export interface ChampionPolicy {
  readonly require: Requirement;
  /** How much worse is still called not worse: a share of rows, from 0. */
  readonly margin: number;
  /** The same for one class: a share of its rows. */
  readonly classMargin: number;
  /** Of all that is said of the slices together. */
  readonly confidence: number;
}

/** Two models on the same rows: one slice of them, and one number. */
export interface Comparison {
  readonly slice: string;
  /** 'accuracyDifference': the challenger's accuracy less the champion's. */
  readonly name: string;
  readonly rows: number;
  /** Null without rows. */
  readonly interval: Proportion | null;
  /** Of McNemar's exact test, where it is shares of right answers that are compared. */
  readonly pValue: number | null;
  readonly note?: string;
}

/** Compares shares of right answers on one slice. */
function compareAccuracy(
  about: Pick<Comparison, 'slice' | 'name' | 'note'>,
  counts: PairedCounts,
  confidence: number,
): Comparison {
  const { rows, onlyChallenger, onlyChampion } = counts;
  const pValue = rows === 0 ? null : mcnemarExact(onlyChallenger, onlyChampion);
  return { ...about, rows, interval: differenceInterval(counts, confidence), pValue };
}

/**
 * The confidence each of several statements needs, so that all of them hold together with the one given (Bonferroni; Dunn,
 * 1961).
 */
const sharedConfidence = (confidence: number, statements: number): number =>
  1 - (1 - confidence) / Math.max(1, statements);

/**
 * What an interval [low, high] of a difference, challenger less champion, proves at a confidence; the first rule that holds:
 *
 * 1. `better`: low > 0, and, where there is a p-value, it is at most 1 - confidence.
 * 2. `not_worse`: low >= -margin. Non-inferiority (Liu and others, Statistics in Medicine 21, 2002): the challenger may be worse,
 *    but by the margin at most. So a challenger that is proven worse by less than that is not worse.
 * 3. `worse`: high < 0, and the p-value as above.
 * 4. `not_enough_evidence`: these rows do not tell, or there are none.
 */
export function judge(
  { interval, pValue }: Pick<Comparison, 'interval' | 'pValue'>,
  { margin, confidence }: Pick<ChampionPolicy, 'margin' | 'confidence'>,
): GateVerdict {
  if (interval === null) return 'not_enough_evidence';
  const { low, high } = interval;
  const isSignificant = pValue === null || pValue <= 1 - confidence;
  if (low > 0 && isSignificant) return 'better';
  if (low >= -margin) return 'not_worse';
  return high < 0 && isSignificant ? 'worse' : 'not_enough_evidence';
}

/** A comparison with its verdict, as a row of the gate. */
function judged(compared: Comparison, policy: ChampionPolicy): GateRecord {
  const { slice, name, rows, interval, pValue, note = '' } = compared;
  const { value = null, low = null, high = null } = interval ?? {};
  const verdict = judge(compared, policy);
  return gateRecord({ gate: 'champion', name, slice, value, low, high, pValue, rows, verdict, note });
}

/** Rows that both models have answered. */
export interface AnsweredSlice extends PairedAnswers {
  /** 'test', 'feedback'. */
  readonly slice: string;
  /** What there is to say of the choice of rows. */
  readonly note?: string;
}

export interface ChampionInputs {
  /** Each of them may prove what is required; the first is also looked at class by class. */
  readonly slices: readonly AnsweredSlice[];
  readonly classes: readonly string[];
  readonly policy: ChampionPolicy;
  /** Compares the two on one slice: accuracy, unless another number is named. */
  readonly compare?: (slice: AnsweredSlice, confidence: number) => Comparison;
}

const byAccuracy = (answered: AnsweredSlice, confidence: number): Comparison =>
  compareAccuracy({ ...answered, name: 'accuracyDifference' }, pairCounts(answered), confidence);

/**
 * Compares challenger and champion on every slice, and on the rows of every class. What is said of the slices holds for all of
 * them together with the confidence given, and so does what is said of the classes: for many statements each needs more.
 */
export function championGate({ slices, classes, policy, compare = byAccuracy }: ChampionInputs): GateRecord[] {
  const { require, margin } = policy;
  const speaking = slices.filter(({ labels }) => labels.length > 0).length;
  const main = { ...policy, confidence: sharedConfidence(policy.confidence, speaking) };
  const bound = { limit: 'min', threshold: require === 'better' ? 0 : 0 - margin } as const;
  const [first] = slices;
  const byClass = first === undefined ? [] : classes.map((name, label) => ({ name, counts: pairCounts(first, label) }));
  const present = byClass.filter(({ counts }) => counts.rows > 0);
  const each = {
    ...policy,
    margin: policy.classMargin,
    confidence: sharedConfidence(policy.confidence, present.length),
  };
  return [
    ...slices.map((slice) => ({ ...judged(compare(slice, main.confidence), main), ...bound })),
    ...present.map(({ name, counts }) =>
      judged(compareAccuracy({ slice: `class ${name}`, name: 'recallDifference' }, counts, each.confidence), each),
    ),
  ];
}
