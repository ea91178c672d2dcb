import type { DriftVerdict } from '../domain/drift.ts';
import type { DecisionRecord, RuleRecord } from '../domain/records.ts';
import type { Rules } from '../domain/rules.ts';
import type { LabelledSummary } from './feedback-summary.ts';

/**
 * Fewer labels than this say nothing about accuracy. As many have to be new before it is tried to raise it again: a low one stays low
 * while the champion stays, and with it the reason to retrain.
 */
export const MIN_LABELS = 100;

/** Share of the answers that has to be labelled: of fewer, those that people bothered to label are no sample of them all. */
export const MIN_COVERAGE = 0.1;

const ACCURACY = 'accuracyBelow';

export interface RuleInputs {
  readonly rules: Rules;
  /** Labelled answers of the kind that speaks. */
  readonly labelled: LabelledSummary;
  /** True when that kind is the simulated one: every count then says so. */
  readonly simulated: boolean;
  /** Labels of that kind since the last that a run has tried to learn from. */
  readonly newLabels: number;
  /** Labels of that kind that one was refused with; not among the new ones. */
  readonly givenBack: number;
  /** Verdicts on windows of that kind since labels were last learned from, newest first. */
  readonly windows: readonly DriftVerdict[];
  readonly round: number;
  readonly maxRounds: number;
}

/** Applies every rule, and decides: retrain when one fires, there is something to learn, and another round is allowed. */
export function decideNext(inputs: RuleInputs): DecisionRecord {
  const { rules, round, maxRounds, simulated, newLabels, givenBack } = inputs;
  const kind = simulated ? 'SIMULATED ' : '';
  const records: RuleRecord[] = [];
  if (rules.accuracyBelow !== undefined) records.push(accuracyRule(rules.accuracyBelow, inputs.labelled, kind));
  if (rules.newLabels !== undefined) records.push(labelsRule(rules.newLabels, inputs, kind));
  if (rules.drift !== undefined) records.push(driftRule(rules.drift, inputs.windows, kind));
  const fired = records.filter((rule) => rule.fired);
  if (fired.length === 0) return { verdict: 'keep', reason: 'no rule fired', rules: records };
  const reason = fired.map((rule) => `${rule.name}: ${rule.note}`).join('; ');
  const keep = (why: string): DecisionRecord => ({ verdict: 'keep', reason: `${reason}; but ${why}`, rules: records });
  const beside = givenBack === 0 ? '' : `beside the ${givenBack} a gate refused `;
  if (newLabels === 0) return keep(`there is nothing new to learn from: ${beside}no ${kind}label waits`);
  if (newLabels < MIN_LABELS && fired.every(({ name }) => name === ACCURACY)) {
    const waiting = newLabels === 1 ? `1 new ${kind}label waits` : `${newLabels} new ${kind}labels wait`;
    return keep(`${beside}only ${waiting}: for accuracy alone it takes ${MIN_LABELS}`);
  }
  if (round >= maxRounds) return keep(`maxRounds ${maxRounds} is reached`);
  return { verdict: 'retrain', reason, rules: records };
}

function accuracyRule(threshold: number, { labels, accuracy, coverage }: LabelledSummary, kind: string): RuleRecord {
  const rule = { name: ACCURACY, threshold };
  if (accuracy === null || labels < MIN_LABELS) {
    const note = `${labels} ${kind}labels, too few to judge (${MIN_LABELS} needed)`;
    return { ...rule, value: null, fired: false, note };
  }
  const seen = `${shown(accuracy.value)} (${shown(accuracy.low)} to ${shown(accuracy.high)}) on ${labels} ${kind}labels`;
  if (coverage !== null && coverage < MIN_COVERAGE) {
    const share = `of ${percent(coverage)} of the answers`;
    return { ...rule, value: null, fired: false, note: `${seen} ${share}: provisional until ${percent(MIN_COVERAGE)}` };
  }
  const isBelow = accuracy.high < threshold;
  const note = `${seen}: at most ${shown(accuracy.high)} ${isBelow ? '<' : '>='} ${threshold}`;
  return { ...rule, value: accuracy.high, fired: isBelow, note };
}

/** What was refused is tried again once it has changed as much as it takes to try at all, and not with every label that comes. */
function labelsRule(
  threshold: number,
  { newLabels: count, givenBack }: Pick<RuleInputs, 'newLabels' | 'givenBack'>,
  kind: string,
): RuleRecord {
  const fired = count >= threshold;
  const beside = givenBack === 0 ? '' : `, beside ${givenBack} that a gate refused`;
  const note = `${count} new ${kind}labels ${fired ? '>=' : '<'} ${threshold}${beside}`;
  return { name: 'newLabels', threshold, value: count, fired, note };
}

function driftRule({ windows, of }: NonNullable<Rules['drift']>, judged: readonly DriftVerdict[], kind: string) {
  const last = judged.slice(0, of);
  const drifted = last.filter((verdict) => verdict === 'drift').length;
  const fired = drifted >= windows;
  const seen = `${drifted} of the last ${last.length} ${kind}windows`;
  const note = last.length === 0 ? `no ${kind}window was judged yet` : `${seen} ${fired ? '>=' : '<'} ${windows}`;
  return { name: 'drift', threshold: windows, value: last.length === 0 ? null : drifted, fired, note };
}

const shown = (value: number): string => value.toFixed(4);

const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;
