import type { DriftReference, DriftTest, DriftVerdict, ReferenceColumn } from '../../domain/drift.ts';
import { countBins, countClasses } from '../statistics/bins.ts';
import { compareCounts } from '../statistics/homogeneity.ts';
import { ksTest } from '../statistics/kolmogorov.ts';
import { poolRare } from '../statistics/pool-rare.ts';
import { stabilityIndex } from '../statistics/psi.ts';
import { type AnsweredRows, confidenceOf, probabilityOf } from './answers.ts';
import { DRIFT_LEVEL, MIN_DRIFT_ROWS, PSI_AT_LEAST } from './limits.ts';
import { sampleOf } from './reference.ts';

export interface Judgement {
  readonly verdict: DriftVerdict;
  readonly tests: readonly DriftTest[];
  readonly note: string;
}

type Found = Omit<DriftTest, 'threshold' | 'verdict'>;

/**
 * Compares answered rows with a reference: the two-sample KS test on each class' probability, the confidence and each number of the
 * inputs; Pearson's chi-squared test on the class given and on the label; the stability index on the class given and on the
 * inputs. The window alarms when one test does, each at its part of the level (Bonferroni; Dunn, 1961), so a window without drift
 * alarms with a chance of `level` at most. Tests of a model's outputs find most shifts that matter to it (Rabanser and others, NeurIPS
 * 2019).
 */
export function judgeDrift(reference: DriftReference | null, answers: AnsweredRows, level = DRIFT_LEVEL): Judgement {
  if (answers.rows < MIN_DRIFT_ROWS) {
    const note = `${answers.rows} rows, too few to judge (${MIN_DRIFT_ROWS} needed)`;
    return { verdict: 'not_enough_data', tests: [], note };
  }
  if (reference === null) return { verdict: 'no_reference', tests: [], note: 'the version has no reference' };
  if (reference.rows < MIN_DRIFT_ROWS) {
    const note = `the reference has ${reference.rows} rows, too few to judge by (${MIN_DRIFT_ROWS} needed)`;
    return { verdict: 'not_enough_data', tests: [], note };
  }
  const found = [
    ...reference.columns.flatMap((column) => columnTests(column, valuesOf(column, answers, reference.classes.length))),
    ...classTests('predicted', answers.predicted, reference),
    ...(answers.labels.length < MIN_DRIFT_ROWS ? [] : classTests('labels', answers.labels, reference)),
  ];
  const threshold = level / found.length;
  const tests = found.map((test): DriftTest => {
    const isDrift = test.pValue <= threshold && (test.atLeast === null || test.value >= test.atLeast);
    return { ...test, threshold, verdict: isDrift ? 'drift' : 'no_drift' };
  });
  const verdict = tests.some((test) => test.verdict === 'drift') ? 'drift' : 'no_drift';
  return { verdict, tests, note: notLookedAt(reference, answers) };
}

function valuesOf(column: ReferenceColumn, answers: AnsweredRows, size: number): Float32Array {
  if (column.group === 'inputs') return answers.inputs.find(({ name }) => name === column.name)?.values ?? NONE;
  return column.class === null ? confidenceOf(answers, size) : probabilityOf(answers, size, column.class);
}

const NONE = new Float32Array();

function columnTests(column: ReferenceColumn, values: Float32Array): Found[] {
  if (values.length < MIN_DRIFT_ROWS) return [];
  const reference = sampleOf(column);
  const { group, name, edges } = column;
  const about = { group, name, rows: values.length, referenceRows: reference.length };
  const ks = ksTest(values.slice().sort(), reference);
  const psi = group === 'inputs' ? stabilityIndex(countBins(values, edges), countBins(reference, edges)) : null;
  return [
    ...(ks === null ? [] : [{ ...about, test: 'ks', value: ks.distance, pValue: ks.pValue, atLeast: null } as const]),
    ...(psi === null ? [] : [{ ...about, test: 'psi', ...psi, atLeast: PSI_AT_LEAST } as const]),
  ];
}

function classTests(group: 'predicted' | 'labels', values: ArrayLike<number>, reference: DriftReference): Found[] {
  const expected = reference[group];
  const seen = countClasses(values, expected.length);
  const referenceRows = expected.reduce((sum, count) => sum + count, 0);
  const about = { group, name: group === 'labels' ? 'label' : 'class', rows: values.length, referenceRows };
  const pooled = poolRare(seen, expected);
  const chi = compareCounts(pooled.first, pooled.second);
  const psi = group === 'predicted' ? stabilityIndex(seen, expected) : null;
  return [
    ...(chi === null
      ? []
      : [{ ...about, test: 'chi_squared', value: chi.totalVariation, pValue: chi.pValue, atLeast: null } as const]),
    ...(psi === null ? [] : [{ ...about, test: 'psi', ...psi, atLeast: PSI_AT_LEAST } as const]),
  ];
}

function notLookedAt({ columns }: DriftReference, { rows, inputs }: AnsweredRows): string {
  const known = inputs[0]?.values.length ?? 0;
  if (known >= MIN_DRIFT_ROWS || !columns.some(({ group }) => group === 'inputs')) return '';
  return `inputs were not looked at: ${known} of ${rows} are on record (log.inputs in pipeline.yaml)`;
}
