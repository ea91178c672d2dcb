import type { DriftReference } from '../../domain/drift.ts';
import { countClasses } from '../statistics/bins.ts';
import { type AnsweredRows, confidenceOf } from './answers.ts';
import { MIN_DRIFT_ROWS } from './limits.ts';
import { sampleOf } from './reference.ts';

/** Shares of rows over the same bins, of a reference and of a window. */
export interface Histogram {
  readonly title: string;
  /** Classes, or bins by their lower edge. */
  readonly names: readonly string[];
  readonly reference: readonly number[];
  readonly window: readonly number[];
}

/** Bins of equal width from the smallest value of both to the largest. */
const BINS = 20;

/** What is worth a picture of a window: the classes given, the labels where there are enough, the confidence, and the inputs. */
export function histograms(reference: DriftReference, answers: AnsweredRows): Histogram[] {
  const { classes, columns } = reference;
  const size = classes.length;
  const byClass = (title: string, expected: readonly number[], values: ArrayLike<number>): Histogram => ({
    title,
    names: classes,
    reference: shares(expected),
    window: shares(countClasses(values, size)),
  });
  return [
    byClass('predicted class', reference.predicted, answers.predicted),
    ...(answers.labels.length < MIN_DRIFT_ROWS ? [] : [byClass('label', reference.labels, answers.labels)]),
    ...columns.flatMap((column) => {
      if (column.group === 'outputs' && column.class !== null) return [];
      const values =
        column.group === 'outputs'
          ? confidenceOf(answers, size)
          : answers.inputs.find(({ name }) => name === column.name)?.values;
      return values === undefined || values.length === 0 ? [] : [byValue(column.name, sampleOf(column), values)];
    }),
  ];
}

function byValue(title: string, reference: Float32Array, window: Float32Array): Histogram {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const values of [reference, window]) {
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  const width = (high - low) / BINS || 1;
  const binned = (values: Float32Array): number[] =>
    shares(
      countClasses(
        values.map((value) => Math.min(BINS - 1, Math.floor((value - low) / width))),
        BINS,
      ),
    );
  const names = Array.from({ length: BINS }, (_, bin) => String(Number((low + bin * width).toPrecision(2))));
  return { title, names, reference: binned(reference), window: binned(window) };
}

function shares(counts: readonly number[]): number[] {
  const sum = counts.reduce((all, count) => all + count, 0);
  return counts.map((count) => (sum === 0 ? 0 : count / sum));
}
