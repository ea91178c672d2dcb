import type { EvaluationFile } from '../../domain/evaluation.ts';
import { type GateRecord, gateRecord } from '../../domain/gate.ts';
import { wilson } from '../wilson.ts';

export interface Limit {
  readonly min?: number;
  readonly max?: number;
}

/** One number a limit may be set on. */
export interface Measured {
  /** Null where there is no such number. */
  readonly value: number | null;
  /** 'class 8', where it speaks of one class. */
  readonly slice?: string;
  readonly rows?: number;
  readonly low?: number;
  readonly high?: number;
  readonly note?: string;
}

/** Everything limits may be set on, by name. */
export type Measurements = Readonly<Record<string, readonly Measured[]>>;

/** Numbers of each class: a limit on one of them holds for every class. */
const PER_CLASS = ['precision', 'recall', 'f1'] as const;

/** What an evaluation says of the model that stands for deployment: its overall numbers, and those of every class. */
export function evaluationMeasurements(file: EvaluationFile): Measurements {
  const { rows, classes, models, candidate } = file;
  const { overall, perClass } = models[candidate] ?? { overall: {}, perClass: [] };
  const ofClass = (name: (typeof PER_CLASS)[number]): Measured[] =>
    perClass.map((score, at) => {
      const slice = `class ${classes[at] ?? at}`;
      if (score.support === 0) return { slice, value: null, rows: 0, note: 'the test set has no such row' };
      const share = name === 'recall' ? proportion(score.recall, score.support) : {};
      return { slice, value: numberOrNull(score[name]), rows: score.support, ...share };
    });
  return {
    ...Object.fromEntries(PER_CLASS.map((name) => [name, ofClass(name)])),
    ...Object.fromEntries(
      Object.entries(overall).map(([name, value]) => [
        name,
        rows === 0
          ? [{ value: null, rows, note: 'the test set has no rows' }]
          : [{ value: numberOrNull(value), rows, ...(name === 'accuracy' ? proportion(value, rows) : {}) }],
      ]),
    ),
  };
}

/** JSON has no NaN; what was one is read as null. */
const numberOrNull = (value: number | null): number | null => (Number.isFinite(value) ? value : null);

function proportion(share: number, rows: number): { readonly low?: number; readonly high?: number } {
  const interval = Number.isFinite(share) ? wilson(Math.round(share * rows), rows) : null;
  return interval === null ? {} : { low: interval.low, high: interval.high };
}

/**
 * Checks every limit. What is missing or not a number is refused, because nothing proves it; and so is a model that no limit is
 * set for, because then nothing says what it has to prove.
 */
export function absoluteGate(limits: Readonly<Record<string, Limit>>, measurements: Measurements): GateRecord[] {
  const rows = Object.entries(limits).flatMap(([name, { min, max }]) => {
    const measured = measurements[name] ?? [{ value: null, note: unknownNote(measurements) }];
    return measured.flatMap((one) => [
      ...(min === undefined ? [] : [checked(name, one, { limit: 'min', threshold: min })]),
      ...(max === undefined ? [] : [checked(name, one, { limit: 'max', threshold: max })]),
    ]);
  });
  return rows.length > 0 ? rows : [NO_LIMITS];
}

const NO_LIMITS = gateRecord({
  gate: 'absolute',
  name: 'limits',
  value: 0,
  limit: 'min',
  threshold: 1,
  verdict: 'refused',
  note: 'no limit is declared',
});

const unknownNote = (measurements: Measurements): string =>
  `there is no such number; there are ${Object.keys(measurements).sort().join(', ')}`;

interface Bound {
  readonly limit: 'min' | 'max';
  readonly threshold: number;
}

function checked(name: string, { value, note, ...measured }: Measured, bound: Bound): GateRecord {
  const holds = value !== null && (bound.limit === 'min' ? value >= bound.threshold : value <= bound.threshold);
  const why = note ?? (value === null ? 'it is not a number' : '');
  const verdict = holds ? 'passed' : 'refused';
  return gateRecord({ gate: 'absolute', name, value, ...measured, ...bound, verdict, note: why });
}
