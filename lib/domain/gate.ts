/** The gates a model passes on its way, in order. */
export const GATES = ['data', 'absolute', 'champion', 'serving'] as const;

export type GateName = (typeof GATES)[number];

/**
 * What a gate made of what it saw. These let a model pass: `passed`; `warning` (told, and no more); `better` and `not_worse` than
 * the champion; `first_model` (there is no champion); `already_live` (the champion holds the same bytes); `no_reference` (nothing
 * to compare the data with). These prove nothing: `worse`, `not_enough_evidence`. These refuse it: `refused`; `lost` (the champion
 * is on record, but its files are gone); `not_comparable` (other classes, or rows of another shape, than the champion's).
 */
export const GATE_VERDICTS = [
  'passed',
  'warning',
  'refused',
  'better',
  'not_worse',
  'worse',
  'not_enough_evidence',
  'first_model',
  'already_live',
  'no_reference',
  'lost',
  'not_comparable',
] as const;

export type GateVerdict = (typeof GATE_VERDICTS)[number];

/** One check of a gate. */
export interface GateRecord {
  readonly gate: GateName;
  /** What was looked at: 'accuracy', 'classBalance', 'accuracyDifference' (the challenger's less the champion's). */
  readonly name: string;
  /** Which rows it speaks of, where there are several kinds: 'test', 'feedback', 'class 8'. */
  readonly slice: string | null;
  /** Null where it could not be measured. */
  readonly value: number | null;
  /** The interval that holds the true value, where rows are a sample and one was computed. */
  readonly low: number | null;
  readonly high: number | null;
  /** Of the test behind the verdict, where there is one. */
  readonly pValue: number | null;
  /** Null where nothing is asked of the value. */
  readonly limit: 'min' | 'max' | null;
  readonly threshold: number | null;
  /** Rows the value was measured on; null where it speaks of no rows. */
  readonly rows: number | null;
  readonly verdict: GateVerdict;
  /** What else there is to say; empty when there is nothing. */
  readonly note: string;
}

/** A check with what most have no word for left out. */
export function gateRecord(row: Pick<GateRecord, 'gate' | 'name' | 'verdict'> & Partial<GateRecord>): GateRecord {
  return {
    slice: null,
    value: null,
    low: null,
    high: null,
    pValue: null,
    limit: null,
    threshold: null,
    rows: null,
    note: '',
    ...row,
  };
}

const REFUSALS: readonly GateVerdict[] = ['refused', 'lost', 'not_comparable'];

/** Whether a check refuses the model. */
export const refuses = ({ verdict }: Pick<GateRecord, 'verdict'>): boolean => REFUSALS.includes(verdict);
