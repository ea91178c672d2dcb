import type { ColumnType } from './dataset.ts';

/** Rows that cleaning took out, by reason; a row counts once. */
export interface CleaningReport {
  /** Images of one single value: nothing is on them. */
  readonly blank: number;
  /** Labels that are no class. */
  readonly badLabel: number;
  /** Training rows whose features another training row has, too. */
  readonly duplicateInTrain: number;
  /** Test rows whose features another test row has, too. */
  readonly duplicateInTest: number;
  /** Training rows that are also in the test set. */
  readonly trainAlsoInTest: number;
  /** Of all duplicates, those that said another class than the row that stayed. */
  readonly conflicting: number;
}

/** One feature over all rows and positions. */
export interface FeatureStatistics {
  readonly dtype: ColumnType;
  /** The shape of one row. */
  readonly shape: readonly number[];
  /** Values that are no finite number; nothing below counts them. */
  readonly missing: number;
  readonly values: number;
  /** Null where there is no value. */
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Population standard deviation. */
  readonly std: number | null;
  /** The 0th, 1st, … 100th percentile; empty where there is no value. */
  readonly percentiles: readonly number[];
  /** The mean of every position of a row; 0 where a position has no value. */
  readonly means: readonly number[];
}

/** What rows are like, without the rows. Augmented ones are not among them. */
export interface DataStatistics {
  readonly rows: number;
  readonly classes: readonly string[];
  /** Rows of every class, in the order of `classes`. */
  readonly perClass: readonly number[];
  readonly features: Readonly<Record<string, FeatureStatistics>>;
}

/** What a run's rows are held against: those the champion was fitted on. */
export type DataReference =
  | { readonly kind: 'statistics'; readonly statistics: DataStatistics }
  /** There is none, and why: the first model of a line, or one whose training rows are gone. */
  | { readonly kind: 'none'; readonly verdict: 'first_model' | 'no_reference'; readonly note: string };

/** Limits of one check of the data: beyond `warn` it is told, beyond `error` the run ends. */
export interface DataLimit {
  readonly warn?: number;
  readonly error?: number;
}

/** What a run's prepared rows are like, and what was asked of them. */
export interface DataProfile {
  /** Rows before cleaning. */
  readonly collected: number;
  readonly cleaning: CleaningReport;
  readonly statistics: { readonly train: DataStatistics; readonly test: DataStatistics };
  /** Test rows whose very features a training row has, after cleaning and augmentation. */
  readonly leaked: number;
  /** Limits that differ from the usual ones, by check. */
  readonly limits: Readonly<Record<string, DataLimit>>;
}
