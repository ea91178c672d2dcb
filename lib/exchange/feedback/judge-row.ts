import { isForgotten } from '../../runlog/forget.ts';
import { isYounger, type LabelWord, lastWord } from '../../runlog/label-words.ts';
import type { RunLog } from '../../runlog/open.ts';
import { findPrediction, type PredictionOrigin } from '../../runlog/predictions.ts';
import { carriedOrigin } from '../../runlog/staged/carried-answers.ts';
import type { StagedRow } from '../../runlog/staged/staged-rows.ts';
import { waitingLabels } from '../../runlog/unmatched-labels.ts';
import type { BadRowPolicy, UnknownPolicy } from './counts.ts';
import type { ShapeOf } from './import-feedback.ts';

export interface JudgeOptions {
  /** The source of labels that name none: no other file has it, so that one that came before is known for this one. */
  readonly ownSource: string;
  readonly unknown: UnknownPolicy;
  readonly shapeOf: ShapeOf;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What the rows of a file have said of one prediction so far, and who gave it. */
export interface Story {
  origin: PredictionOrigin | undefined;
  /** The label that counts. */
  last: LabelWord | undefined;
  /** Whether this file gave that label, now or before. */
  isOwn: boolean;
  /** Class names that came before their prediction. */
  readonly waiting: LabelName[];
}

type LabelName = Omit<LabelWord, 'label'> & { readonly label: string };

export const newStory = (): Story => ({ origin: undefined, last: undefined, isOwn: false, waiting: [] });

/** What is to become of a row: it lands, or changes nothing, or cannot be right. */
export type Judgement = 'land' | 'known' | 'forgotten' | { readonly problem: string; readonly policy?: BadRowPolicy };

/** Judges the next row of a prediction by the log and by the rows before it, and takes it into the story. */
export function judgeRow(log: RunLog, story: Story, row: StagedRow, options: JudgeOptions): Judgement {
  const { ownSource, unknown } = options;
  const { id, label } = row;
  const word = { label, source: row.source ?? ownSource, at: row.at ?? options.at };
  if (story.origin === undefined) findOrigin(log, story, row, options);
  const { origin } = story;
  if (origin === undefined) {
    if (isForgotten(log, id)) return 'forgotten';
    if (unknown !== 'wait') return { problem: `there is no prediction '${id}'`, policy: unknown };
    story.waiting.push(word);
    return 'land';
  }
  if (origin.simulated) return { problem: `prediction '${id}' is a simulated one; it has its label` };
  const number = classOf(origin, label, options);
  if (typeof number === 'string') return { problem: number };
  const given = { ...word, label: number };
  const { last } = story;
  if (row.at !== null) {
    if (last === undefined || isYounger(given, last)) Object.assign(story, { last: given, isOwn: true });
    return 'land';
  }
  if (last?.label === number) {
    // This file has said so, too: whatever else it says of the prediction contradicts it.
    story.isOwn = true;
    return 'known';
  }
  if (last !== undefined && story.isOwn) {
    return { problem: `prediction '${id}' is labelled ${label}, and otherwise by a row before it` };
  }
  Object.assign(story, { last: given, isOwn: true });
  return 'land';
}

/** Looks up who gave the prediction, and the label it has; one that came in this file gets those that wait for it first. */
function findOrigin(log: RunLog, story: Story, { id, seq }: StagedRow, options: JudgeOptions): void {
  const known = findPrediction(log, id);
  story.origin = known ?? carriedOrigin(log, id, seq);
  if (known !== undefined) {
    story.last = lastWord(log, id);
    story.isOwn = story.last?.source === options.ownSource;
  } else if (story.origin !== undefined) {
    const { classes } = options.shapeOf(story.origin.line, story.origin.version);
    const joined = [...waitingLabels(log, id), ...story.waiting].filter(({ label }) => classes.includes(label)).at(-1);
    if (joined !== undefined) story.last = { ...joined, label: classes.indexOf(joined.label) };
    story.isOwn = true;
  }
}

/** The number of a class; the text that comes back says why there is none. */
export function classOf(
  { line, version }: PredictionOrigin,
  label: string,
  { shapeOf }: Pick<JudgeOptions, 'shapeOf'>,
): number | string {
  const { classes } = shapeOf(line, version);
  const number = classes.indexOf(label);
  return number < 0 ? `label '${label.slice(0, 40)}' is no class; the classes are ${classes.join(', ')}` : number;
}
