import type { JsonObject } from '../util/json.ts';

export type ColumnType = 'uint8' | 'int32' | 'float32';

/** One column of a dataset: `file` is an .npy of shape [rows, ...shape]. */
export interface ColumnMeta {
  readonly file: string;
  readonly dtype: ColumnType;
  /** The shape of one row; [] for a scalar, [28, 28] for a small image. */
  readonly shape: readonly number[];
}

/** Where some of the rows came from. */
export interface Provenance {
  readonly source: string;
  readonly rows: number;
  /** Content hashes of the files read, by file name; empty for generated rows. */
  readonly sha256: Readonly<Record<string, string>>;
  /** What else tells how to get the same rows again. */
  readonly detail: JsonObject;
}

/**
 * What dataset.json holds. Column names are fixed where the loop needs them: `label` is the class index (int32),
 * `id` names a row for good (int32), `origin` is the id of the row it was augmented from (its own id otherwise),
 * `split` tells the source's own split (uint8: 0 train, 1 test). Every other column is a feature.
 */
export interface DatasetMeta {
  readonly format: 'mlloop-dataset';
  readonly version: 1;
  readonly rows: number;
  readonly columns: Readonly<Record<string, ColumnMeta>>;
  readonly classes: readonly string[];
  readonly provenance: readonly Provenance[];
  /** True when the rows were made by a program: results on them say nothing about the world. */
  readonly generated: boolean;
}
