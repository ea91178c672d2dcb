import type { DecisionRecord, RuleRecord } from '../domain/records.ts';
import type { Rules } from '../domain/rules.ts';
import type { LabelledSummary } from './feedback-summary.ts';

/** Fewer labels than this say nothing about accuracy. */
export const MIN_LABELS = 100;

export interface RuleInputs {
  readonly rules: Rules;
  /** Labelled answers of the kind that speaks. */
  readonly labelled: LabelledSummary;
  /** True when that kind is the simulated one: every count then says so. */
  readonly simulated: boolean;
  /** Labels of that kind since the last that were learned from. */
  readonly newLabels: number;
  readonly round: number;
  readonly maxRounds: number;
}

/** Applies every rule, and decides: retrain when one fires and another round is allowed. */
export function decideNext(inputs: RuleInputs): DecisionRecord {
  const { rules, round, maxRounds, simulated } = inputs;
  const noun = simulated ? 'SIMULATED labels' : 'labels';
  const records: RuleRecord[] = [];
  if (rules.accuracyBelow !== undefined) records.push(accuracyRule(rules.accuracyBelow, inputs.labelled, noun));
  if (rules.newLabels !== undefined) records.push(labelsRule(rules.newLabels, inputs.newLabels, noun));
  const fired = records.filter((rule) => rule.fired);
  if (fired.length === 0) return { verdict: 'keep', reason: 'no rule fired', rules: records };
  const reason = fired.map((rule) => `${rule.name}: ${rule.note}`).join('; ');
  if (round < maxRounds) return { verdict: 'retrain', reason, rules: records };
  return { verdict: 'keep', reason: `${reason}; but maxRounds ${maxRounds} is reached`, rules: records };
}

function accuracyRule(threshold: number, { labels, accuracy }: LabelledSummary, noun: string): RuleRecord {
  const rule = { name: 'accuracyBelow', threshold };
  if (accuracy === null || labels < MIN_LABELS) {
    return { ...rule, value: null, fired: false, note: `${labels} ${noun}, too few to judge (${MIN_LABELS} needed)` };
  }
  const isBelow = accuracy.value < threshold;
  const interval = `${shown(accuracy.low)} to ${shown(accuracy.high)}`;
  const note = `${shown(accuracy.value)} (${interval}) on ${labels} ${noun} ${isBelow ? '<' : '>='} ${threshold}`;
  return { ...rule, value: accuracy.value, fired: isBelow, note };
}

function labelsRule(threshold: number, count: number, noun: string): RuleRecord {
  const fired = count >= threshold;
  return {
    name: 'newLabels',
    threshold,
    value: count,
    fired,
    note: `${count} new ${noun} ${fired ? '>=' : '<'} ${threshold}`,
  };
}

const shown = (value: number): string => value.toFixed(4);
