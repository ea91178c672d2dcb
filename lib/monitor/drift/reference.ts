import type { DriftReference, ReferenceColumn } from '../../domain/drift.ts';
import { countUp } from '../../util/count-up.ts';
import { createRng } from '../../util/rng.ts';
import { countClasses, quantileEdges } from '../statistics/bins.ts';
import { type AnsweredRows, confidenceOf, probabilityOf } from './answers.ts';
import { featureBins, type RawRows } from './features.ts';

/** Rows a sample holds. More would tell smaller shifts than anybody cares for. */
const SAMPLE_ROWS = 2000;

/** Classes whose probability is kept: the ones given most often. With these limits a reference stays under 600 kB. */
const MAX_CLASSES = 20;

export interface ReferenceInputs {
  readonly answers: AnsweredRows;
  readonly classes: readonly string[];
  readonly seed: number;
  /** The rows themselves, to be kept feature by feature. */
  readonly raw?: RawRows;
}

/** Rows the bins of single features are made of: there are many of them, and they only say where, never whether. */
const FEATURE_ROWS = 1000;

/**
 * What later answers of the model are compared with, from its answers to rows it was not fitted on: on rows it has learned by
 * heart it is surer than it will ever be again. The same rows and seed give the same reference.
 */
export function makeReference({ answers, classes, seed, raw }: ReferenceInputs): DriftReference {
  const size = classes.length;
  const chosen = createRng(seed).shuffle(countUp(answers.rows)).slice(0, SAMPLE_ROWS);
  const column = (about: Omit<ReferenceColumn, 'edges' | 'sample'>, values: Float32Array): ReferenceColumn => {
    const sample = Float32Array.from(chosen, (row) => values[row] as number).sort();
    return { ...about, edges: quantileEdges(sample), sample: encode(sample) };
  };
  const features = raw === undefined ? undefined : featureBins(raw, chosen.slice(0, FEATURE_ROWS));
  const predicted = countClasses(answers.predicted, size);
  const common = [...countUp(size)].sort((a, b) => (predicted[b] ?? 0) - (predicted[a] ?? 0) || a - b);
  const kept = common.slice(0, MAX_CLASSES).sort((a, b) => a - b);
  return {
    format: 'mlloop-drift-reference',
    version: 1,
    classes,
    rows: answers.rows,
    sampleRows: chosen.length,
    predicted,
    labels: countClasses(answers.labels, size),
    columns: [
      ...kept.map((index) =>
        column(
          { group: 'outputs', name: `probability of ${classes[index]}`, class: index },
          probabilityOf(answers, size, index),
        ),
      ),
      column({ group: 'outputs', name: 'confidence', class: null }, confidenceOf(answers, size)),
      ...answers.inputs.map(({ name, values }) => column({ group: 'inputs', name, class: null }, values)),
    ],
    ...(features === undefined ? {} : { features }),
  };
}

function encode(values: Float32Array): string {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => void bytes.writeFloatLE(value, at * 4));
  return bytes.toString('base64');
}

/** A column's sample, ascending. */
export function sampleOf({ sample }: ReferenceColumn): Float32Array {
  const bytes = Buffer.from(sample, 'base64');
  return Float32Array.from({ length: bytes.length >> 2 }, (_, at) => bytes.readFloatLE(at * 4));
}
