/** Answers of one version, packed to be put on record; item i of every list is of one prediction. */
export interface PackedAnswers {
  readonly line: string;
  readonly version: number;
  readonly ids: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: Float64Array;
  /** ids x features raw bytes, row-major; null where none is to be kept. */
  readonly inputs: Uint8Array | null;
  readonly predicted: Int32Array;
  /** ids x classes, row-major. */
  readonly probabilities: Float32Array;
}

/** What somebody says a prediction really was. */
export interface GivenLabel {
  readonly prediction: string;
  /** A class name. */
  readonly label: string;
}

/**
 * What became of a label. `recorded`: the prediction's first. `changed`: another one than before; it counts now. `repeated`: the
 * same again, kept too. `unknown`: no such prediction is on record; the label waits for it. `forgotten`: the prediction was
 * forgotten, and so is the label.
 */
export const LABEL_OUTCOMES = ['recorded', 'changed', 'repeated', 'unknown', 'forgotten'] as const;

export type LabelOutcome = (typeof LABEL_OUTCOMES)[number];

/** A label that cannot be right, by its place among those that came with it. */
export interface LabelProblem {
  readonly index: number;
  readonly problem: string;
}

/** How labels that came together ended: all of them are kept, or none is. */
export type LabelReceipt =
  | { readonly kind: 'kept'; readonly outcomes: readonly LabelOutcome[] }
  /** They are wrong. */
  | { readonly kind: 'refused'; readonly problems: readonly LabelProblem[] };

/** The labels could not be written; the same may be sent again. */
export interface Unavailable {
  readonly kind: 'unavailable';
  readonly problem: string;
}

/** A prediction that cannot be put on record. */
export interface UnfitPrediction {
  readonly prediction: string;
  readonly problem: string;
}

/** What waits to be written, in the order it is written. */
export interface LiveWrites {
  readonly answers: readonly PackedAnswers[];
  /** Labels, each list as it came. */
  readonly labels: readonly (readonly GivenLabel[])[];
}

/** What a transaction did. */
export interface LiveWritten {
  /** Predictions that are on record now. */
  readonly recorded: number;
  /** Predictions whose id was on record, or forgotten. */
  readonly known: number;
  /** Labels that had come before their prediction, and found it now. */
  readonly joined: number;
  /** Predictions that could not be written, while the others could. */
  readonly unfit: readonly UnfitPrediction[];
  /** A receipt for each list of labels. */
  readonly receipts: readonly (LabelReceipt | Unavailable)[];
}
