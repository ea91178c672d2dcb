import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetMeta, Provenance } from '../domain/dataset.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { countFeedback } from '../domain/feedback-provenance.ts';
import { writeFileAtomic } from '../util/fs-atomic.ts';
import { err, ok, type Result } from '../util/result.ts';
import {
  type Column,
  type ColumnFile,
  type ColumnInputs,
  columnMeta,
  columnOfFile,
  completeColumns,
  joinColumns,
  labelProblem,
  pickRows,
  valueProblem,
} from './columns.ts';
import { FIXED_COLUMNS, namedTwice, parseDatasetMeta } from './dataset-meta.ts';
import { type ColumnData, readNpyHeader, writeNpy } from './npy.ts';
import { FEEDBACK_IDS_FROM, isFeedbackId } from './row-ids.ts';

/** A dataset: one typed array per column, row after row. Of one that was opened a column is read when it is asked for. */
export interface Dataset {
  readonly meta: DatasetMeta;
  readonly rows: number;
  /** The class index of each row. */
  readonly labels: Int32Array;
  readonly ids: Int32Array;
  /** The id of the row each row was augmented from; its own id for an original. */
  readonly origins: Int32Array;
  /** The source's own split: 0 train, 1 test. */
  readonly split: Uint8Array;
  /** Names of the feature columns, sorted by code unit. */
  readonly features: readonly string[];
  /** All rows of a feature, row-major. Asking for one that does not exist is a bug and throws. */
  feature(name: string): ColumnData;
  /** The shape of one row of a feature. */
  featureShape(name: string): readonly number[];
  /** The file a feature's values are in, for whoever would rather map it; undefined where they are in memory alone. */
  featureFile(name: string): ColumnFile | undefined;
}

/** What `writeDataset` needs; what is left out of `columns` is filled. */
export interface DatasetInput {
  readonly columns: ColumnInputs;
  readonly classes: readonly string[];
  readonly provenance?: readonly Provenance[];
  readonly generated?: boolean;
}

const META_FILE = 'dataset.json';

const isFixed = (name: string): boolean => Object.hasOwn(FIXED_COLUMNS, name);

/** Checks the columns and makes a dataset of them in memory; `label` is the only one needed beside the features. */
export function createDataset(input: DatasetInput): Result<Dataset, Failure> {
  const bad = (problem: string) => err(failure('DATA_BAD_COLUMNS', { problem }));
  if (input.classes.length === 0) return bad('no classes are named');
  const twice = namedTwice(input.classes);
  if (twice !== undefined) return bad(`the class '${twice}' is named twice`);
  const columns = completeColumns(input.columns);
  if (!columns.ok) return bad(columns.failure);
  const rows = columns.value['label']?.data.length ?? 0;
  const { classes, provenance = [{ source: 'own', rows, sha256: {}, detail: {} }], generated = false } = input;
  return ok(datasetOf(columns.value, { classes, provenance, generated }));
}

function datasetOf(
  columns: Readonly<Record<string, Column>>,
  about: Pick<DatasetMeta, 'classes' | 'provenance' | 'generated'>,
): Dataset {
  const names = Object.keys(columns).sort();
  const column = (name: string): Column => {
    const found = columns[name];
    if (found === undefined) throw new Error(`the dataset has no column '${name}', it has ${names.join(', ')}`);
    return found;
  };
  const labels = column('label').data as Int32Array;
  const { classes, provenance, generated } = about;
  return {
    meta: {
      format: 'mlloop-dataset',
      version: 1,
      rows: labels.length,
      columns: Object.fromEntries(names.map((name) => [name, columnMeta(name, column(name))])),
      classes,
      provenance,
      generated,
    },
    rows: labels.length,
    labels,
    ids: column('id').data as Int32Array,
    origins: column('origin').data as Int32Array,
    split: column('split').data as Uint8Array,
    features: names.filter((name) => !isFixed(name)),
    feature: (name) => column(name).data,
    featureShape: (name) => column(name).shape,
    featureFile: (name) => column(name).file,
  };
}

/**
 * Writes a dataset folder from plain typed arrays: `columns.label` is the class index of each row, every other column a
 * feature ({ data, shape } where a row is not flat). Fails when the arrays do not fit together. Labels that are no class
 * (-1 for unknown) may be written: preprocessing takes those rows out and says how many they were.
 */
export function writeDataset(folder: string, input: DatasetInput): Result<Dataset, Failure> {
  const dataset = createDataset(input);
  if (!dataset.ok) return dataset;
  const problem = strayFeedback(dataset.value);
  if (problem !== undefined) return err(failure('DATA_BAD_COLUMNS', { problem }));
  saveDataset(folder, dataset.value);
  return dataset;
}

/** Rows that would be taken for feedback and are none: they would never be drawn for a test set. */
function strayFeedback(dataset: Dataset): string | undefined {
  const row = dataset.ids.findIndex(isFeedbackId);
  if (row < 0) return undefined;
  const known = countFeedback(dataset);
  const stray = dataset.ids.reduce((count, id) => count + (isFeedbackId(id) ? 1 : 0), 0) > known;
  return stray
    ? `row ${row} has the id ${dataset.ids[row]}, but ids from ${FEEDBACK_IDS_FROM} on are those of accepted feedback, of which the provenance names ${known} rows`
    : undefined;
}

/** Writes a dataset that is whole already. dataset.json comes last: a folder without it is no dataset. */
export function saveDataset(folder: string, dataset: Dataset): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, { file, shape }] of Object.entries(dataset.meta.columns)) {
    writeNpy(join(folder, file), dataset.feature(name), [dataset.rows, ...shape]);
  }
  writeFileAtomic(join(folder, META_FILE), `${JSON.stringify(dataset.meta, null, 2)}\n`);
}

/** Whether a folder looks like a dataset; `openDataset` says whether it is a sound one. */
export const isDatasetFolder = (folder: string): boolean => existsSync(join(folder, META_FILE));

export interface OpenOptions {
  /** True to accept labels that are no class: for cleaning, which takes such rows out and counts them. */
  readonly anyLabel?: boolean;
}

/** Opens a dataset folder and checks all of it: counts, types, shapes, ids, and that every label is a class. */
export function openDataset(folder: string, options: OpenOptions = {}): Result<Dataset, Failure> {
  const bad = (problem: string) => err(failure('DATA_NOT_A_DATASET', { folder, problem }));
  if (!isDatasetFolder(folder)) return bad(`it holds no ${META_FILE}`);
  const parsed = parseDatasetMeta(readFileSync(join(folder, META_FILE), 'utf8'));
  if (!parsed.ok) return bad(parsed.failure);
  const meta = parsed.value;
  const columns: Record<string, Column> = {};
  for (const [name, { file, dtype, shape }] of Object.entries(meta.columns)) {
    const path = join(folder, file);
    const header = readNpyHeader(path);
    if (!header.ok) return header;
    const seen = `${header.value.dtype} [${header.value.shape.join(', ')}]`;
    const declared = `${dtype} [${[meta.rows, ...shape].join(', ')}]`;
    if (seen !== declared) return bad(`${file} holds ${seen}, dataset.json says ${declared}`);
    columns[name] = columnOfFile(path, header.value);
  }
  const problem = valueProblem(columns);
  if (problem !== undefined) return bad(problem);
  const dataset = datasetOf(columns, meta);
  const wrong = options.anyLabel === true ? undefined : labelProblem(dataset.labels, meta.classes.length);
  return wrong === undefined ? ok(dataset) : bad(wrong);
}

const columnsOf = (dataset: Dataset): readonly (readonly [string, Column])[] =>
  Object.keys(dataset.meta.columns).map((name) => [
    name,
    { data: dataset.feature(name), shape: dataset.featureShape(name) },
  ]);

/** The rows of the given numbers, in the given order, as a dataset of the same columns and provenance. */
export function selectRows(dataset: Dataset, indices: Int32Array): Dataset {
  const picked = columnsOf(dataset).map(([name, column]) => [name, pickRows(column, indices)] as const);
  return datasetOf(Object.fromEntries(picked), dataset.meta);
}

/** Rows of datasets with the same columns and classes, one after the other; provenance and origin of data add up. */
export function joinDatasets(first: Dataset, second: Dataset): Dataset {
  const joined = columnsOf(first).map(([name, column]) => {
    const other = { data: second.feature(name), shape: second.featureShape(name) };
    return [name, joinColumns([column, other])] as const;
  });
  const { classes, generated } = first.meta;
  const provenance = [...first.meta.provenance, ...second.meta.provenance];
  return datasetOf(Object.fromEntries(joined), { classes, provenance, generated: generated || second.meta.generated });
}
