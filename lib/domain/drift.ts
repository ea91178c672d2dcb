/**
 * What a comparison with the reference came to. `drift`: live rows are not like those the model was judged on; `no_drift`: nothing
 * says so; `not_enough_data`: too few rows to say either; `no_reference`: the version has none, so there is nothing to say.
 */
export const DRIFT_VERDICTS = ['drift', 'no_drift', 'not_enough_data', 'no_reference'] as const;

export type DriftVerdict = (typeof DRIFT_VERDICTS)[number];

/** What is looked at: a model's probabilities, the class it gives, what it was asked, and what people say it was. */
export const DRIFT_GROUPS = ['outputs', 'predicted', 'inputs', 'labels'] as const;

export type DriftGroup = (typeof DRIFT_GROUPS)[number];

/** One number of every row, kept as a bounded sample. */
export interface ReferenceColumn {
  readonly group: 'outputs' | 'inputs';
  /** 'confidence', 'probability of 7', 'intensity'. */
  readonly name: string;
  /** Where a column is the probability of one class: its index. */
  readonly class: number | null;
  /** Inner edges of the bins, rising: deciles of the sample, each once. The outer bins are open. */
  readonly edges: readonly number[];
  /** Float32, little endian, ascending, in base64. */
  readonly sample: string;
}

/** What a model's answers and inputs look like on rows it was not fitted on; kept with its version. */
export interface DriftReference {
  readonly format: 'mlloop-drift-reference';
  readonly version: 1;
  readonly classes: readonly string[];
  /** Rows the counts are of. */
  readonly rows: number;
  /** Rows the samples are of; at most as many. */
  readonly sampleRows: number;
  /** Rows by the class they were given, and by the class they are. */
  readonly predicted: readonly number[];
  readonly labels: readonly number[];
  readonly columns: readonly ReferenceColumn[];
  /** Every raw feature; left out where there are too many. */
  readonly features?: ReferenceFeatures;
}

/** For every feature the inner edges of its bins, rising, and how many rows of a sample lie in each bin. */
export interface ReferenceFeatures {
  readonly edges: readonly (readonly number[])[];
  readonly counts: readonly (readonly number[])[];
}

/** Where rows have moved, feature by feature; no part of the verdict. */
export interface FeatureDrift {
  /** How many features have. */
  readonly moved: number;
  /** The stability index of every feature. */
  readonly values: readonly number[];
  /** Those that moved most, the first first. */
  readonly worst: readonly { readonly feature: number; readonly value: number; readonly pValue: number }[];
}

/** One test of a window. It alarms when the p-value is at most `threshold` and, where one is set, the value reaches `atLeast`. */
export interface DriftTest {
  readonly group: DriftGroup;
  readonly name: string;
  readonly test: 'ks' | 'chi_squared' | 'psi';
  readonly value: number;
  readonly pValue: number;
  readonly threshold: number;
  readonly atLeast: number | null;
  /** Rows of the window and of the reference that were compared. */
  readonly rows: number;
  readonly referenceRows: number;
  readonly verdict: 'drift' | 'no_drift';
}

/** Answers of one version that are judged together. */
export interface DriftWindow {
  readonly line: string;
  readonly version: number;
  /** Replayed rows and real ones are never in one window. */
  readonly simulated: boolean;
  readonly rows: number;
  /** The same for the same predictions: a window that is judged twice is one. */
  readonly digest: string;
  /** The last prediction it holds, by its number in the log; null for rows that are replayed. */
  readonly last: number | null;
  /** The newest label that its labels' test has counted, by its id; null where it has none. */
  readonly lastLabel: number | null;
  /** Share of windows without drift that alarm all the same. */
  readonly level: number;
  readonly verdict: DriftVerdict;
  readonly tests: readonly DriftTest[];
  /** What could not be looked at, and why; empty when there is nothing to say. */
  readonly note: string;
  /** Where it was asked for and there is something to compare with. */
  readonly features?: FeatureDrift;
}
