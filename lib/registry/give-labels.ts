import type { GivenLabel, LabelOutcome, LabelProblem } from '../domain/live.ts';
import { lastLabelOf } from '../runlog/feedback.ts';
import { isForgotten } from '../runlog/forget.ts';
import type { RunLog } from '../runlog/open.ts';
import { findPrediction, insertLabel, type PredictionOrigin } from '../runlog/predictions.ts';
import { insertUnmatched } from '../runlog/unmatched-labels.ts';
import { err, ok, type Result } from '../util/result.ts';

/** Class names of a version's model, in the order of its outputs; empty where nobody knows. */
export type ClassesOf = (line: string, version: number) => readonly string[];

export interface LabelSource {
  readonly classesOf: ClassesOf;
  /** Where the labels come from: 'serve'. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

type Checked =
  | { readonly kind: 'known'; readonly prediction: string; readonly label: number }
  | { readonly kind: 'unknown'; readonly prediction: string; readonly label: string }
  | { readonly kind: 'forgotten' };

/**
 * Puts labels on record in their order: all of them, or none when one cannot be right. A label for a prediction nobody knows is
 * kept until the prediction comes; one that repeats what is on record is kept, too. The caller holds the transaction.
 */
export function giveLabels(
  log: RunLog,
  labels: readonly GivenLabel[],
  { classesOf, source, at }: LabelSource,
): Result<readonly LabelOutcome[], readonly LabelProblem[]> {
  const checked: Checked[] = [];
  const problems: LabelProblem[] = [];
  for (const [index, given] of labels.entries()) {
    const one = check(log, given, classesOf);
    if (typeof one === 'string') problems.push({ index, problem: one });
    else checked.push(one);
  }
  if (problems.length > 0) return err(problems);
  return ok(checked.map((one) => give(log, one, { source, at })));
}

function check(log: RunLog, { prediction, label }: GivenLabel, classesOf: ClassesOf): Checked | string {
  const origin = findPrediction(log, prediction);
  if (origin === undefined) {
    return isForgotten(log, prediction) ? { kind: 'forgotten' } : { kind: 'unknown', prediction, label };
  }
  const index = classIndex(origin, { prediction, label }, classesOf);
  return typeof index === 'string' ? index : { kind: 'known', prediction, label: index };
}

/** The number of the class a label names, or what is wrong with it. */
export function classIndex(
  { line, version, simulated }: PredictionOrigin,
  { prediction, label }: GivenLabel,
  classesOf: ClassesOf,
): number | string {
  if (simulated) return `prediction '${prediction}' is a simulated one; it has its label`;
  const classes = classesOf(line, version);
  const index = classes.indexOf(label);
  return index < 0 ? `label '${label}' is no class; the classes are ${classes.join(', ')}` : index;
}

function give(log: RunLog, checked: Checked, from: { readonly source: string; readonly at: number }): LabelOutcome {
  if (checked.kind === 'forgotten') return 'forgotten';
  const { prediction } = checked;
  if (checked.kind === 'unknown') {
    insertUnmatched(log, { prediction, label: checked.label, ...from });
    return 'unknown';
  }
  const before = lastLabelOf(log, prediction);
  insertLabel(log, { prediction, label: checked.label, ...from });
  return before === undefined ? 'recorded' : before === checked.label ? 'repeated' : 'changed';
}
