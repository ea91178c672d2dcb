/** Answers of one model to rows that came together, to be put on record. */
export interface LiveAnswers {
  readonly line: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The prediction id of every row. */
  readonly ids: readonly string[];
  /** ids x features raw bytes as the model saw them; null where a row is no bytes, or none is to be kept. */
  readonly inputs: Uint8Array | null;
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
export type LabelOutcome = 'recorded' | 'changed' | 'repeated' | 'unknown' | 'forgotten';

export const LABEL_OUTCOMES = [
  'recorded',
  'changed',
  'repeated',
  'unknown',
  'forgotten',
] as const satisfies readonly LabelOutcome[];

/** A label that cannot be kept, by its place among those that came with it. */
export interface LabelProblem {
  readonly index: number;
  readonly problem: string;
}

/** How labels that came together ended: all of them are kept, durably, or none is. */
export type LabelReceipt =
  | { readonly kind: 'kept'; readonly outcomes: readonly LabelOutcome[] }
  /** They are wrong. */
  | { readonly kind: 'refused'; readonly problems: readonly LabelProblem[] }
  /** They could not be written; the same labels may be sent again. */
  | { readonly kind: 'unavailable'; readonly problem: string };

/** What has been put on record since the start, and what has not. */
export interface LiveCounts {
  /** Predictions on record. */
  readonly recorded: number;
  /** Predictions that were answered and will never be on record. */
  readonly lost: number;
  /** Predictions that wait to be written. */
  readonly waiting: number;
  readonly labels: Readonly<Record<LabelOutcome, number>>;
  /** Inputs that nobody labelled in time, and that were deleted. */
  readonly expired: number;
  /** Why nothing can be written at the moment. */
  readonly problem: string | undefined;
}

/** The record of the live side: predictions as they are answered, and labels as they come. */
export interface LiveLog {
  /** Takes note of answers. Never waits and never fails: what cannot be kept is counted as lost. */
  record(answers: LiveAnswers): void;
  /** Resolves when the labels are on the disk, or cannot be. Labels follow every answer that was recorded before them. */
  label(labels: readonly GivenLabel[]): Promise<LabelReceipt>;
  counts(): LiveCounts;
  /** Writes what waits, and ends. */
  close(): Promise<void>;
}
