import type { LabelDelay } from '../domain/questions.ts';
import { formatDuration } from '../util/duration.ts';
import { type Proportion, wilson } from './wilson.ts';

/** What was counted in a window. */
export interface WindowCounts {
  readonly predictions: number;
  readonly labels: number;
  readonly correct: number;
}

/**
 * `provisional`: so few answers have their label that those which come late may still change it; `settled`: enough have;
 * `unknown`: none has.
 */
export type WindowState = 'provisional' | 'settled' | 'unknown';

export interface WindowAccuracy {
  /** Labels over predictions. */
  readonly coverage: number;
  /** With its 95 % Wilson score interval (Wilson, 1927); null without labels. */
  readonly accuracy: Proportion | null;
  readonly state: WindowState;
}

/** The share of a window's answers that have to have a label before its accuracy is more than provisional. */
export const ENOUGH_COVERAGE = 0.5;

/**
 * How well a window's answers were, as far as their labels tell. Labels that come late are not like those that come soon (a mistake is
 * corrected at once, a right answer confirmed by and by), so accuracy is provisional until enough answers have theirs.
 */
export function windowAccuracy(
  { predictions, labels, correct }: WindowCounts,
  enough = ENOUGH_COVERAGE,
): WindowAccuracy {
  const coverage = predictions === 0 ? 0 : labels / predictions;
  const state = labels === 0 ? 'unknown' : coverage < enough ? 'provisional' : 'settled';
  return { coverage, accuracy: wilson(correct, labels), state };
}

/** How much there is to an accuracy so far, in one line for people; undefined where nobody has labelled anything. */
export function coverageText(counts: WindowCounts, delay: LabelDelay | null): string | undefined {
  if (delay === null) return undefined;
  const took = `labels came ${formatDuration(delay.medianMs)} after the answer, nine in ten within ${formatDuration(delay.p90Ms)}`;
  const { state, coverage } = windowAccuracy(counts);
  return state === 'provisional'
    ? `${took}; as long as ${(100 * coverage).toFixed(1)} % of the answers have one, accuracy is provisional`
    : took;
}
