import { type Failure, failure } from '../domain/failure.ts';
import { err, ok, type Result } from '../util/result.ts';
import { type Dataset, selectRows } from './dataset.ts';
import { isFeedbackId, rowsWhere, SPLIT } from './row-ids.ts';
import { hashSplit, stratifiedSubset } from './split.ts';

export interface Shares {
  /** Share of the rows that become the test set of a source that has none. */
  readonly test: number;
  /** Share of the training rows that stand in for traffic. */
  readonly live: number;
}

export interface Partition {
  readonly train: Dataset;
  readonly test: Dataset;
  readonly live: Dataset;
}

/**
 * Parts a dataset into training, test and live rows. The test set is the source's own, else drawn by hash of seed and id, so
 * that a row's place never changes when others come; feedback only ever trains. Fails when there are no test rows, or a class has no training row.
 */
export function partitionDataset(dataset: Dataset, shares: Shares, seed: number): Result<Partition, Failure> {
  const { ids } = dataset;
  const hasOwnTest = dataset.split.includes(SPLIT.test);
  const drawn = hashSplit(ids, shares.test, { seed, name: 'test' });
  const isLiveDraw = hashSplit(ids, shares.live, { seed, name: 'live' });
  const isFeedback = (row: number): boolean => isFeedbackId(ids[row] as number);
  const isTest = (row: number): boolean =>
    hasOwnTest ? dataset.split[row] === SPLIT.test : drawn[row] === 1 && !isFeedback(row);
  const isLive = (row: number): boolean => !isTest(row) && isLiveDraw[row] === 1 && !isFeedback(row);
  const pick = (holds: (row: number) => boolean): Dataset => selectRows(dataset, rowsWhere(dataset.rows, holds));
  const partition = {
    train: pick((row) => !isTest(row) && !isLive(row)),
    test: pick(isTest),
    live: pick(isLive),
  };
  for (const [what, { rows }] of Object.entries({ training: partition.train, 'the test set': partition.test })) {
    if (rows === 0) return err(failure('DATA_TOO_FEW_ROWS', { what, seen: rows, needed: 1 }));
  }
  const classes = checkClasses(partition.train);
  return classes.ok ? ok(partition) : classes;
}

/** Fails for the first class that has no training row: it could never be recognised. */
function checkClasses(train: Dataset): Result<void, Failure> {
  const seen = new Set(train.labels);
  const label = train.meta.classes.findIndex((_, at) => !seen.has(at));
  if (label < 0) return ok(undefined);
  const what = `class '${train.meta.classes[label]}' in the training rows`;
  return err(failure('DATA_TOO_FEW_ROWS', { what, seen: 0, needed: 1 }));
}

/** At most `count` rows, every class of every source split keeping its share; `undefined` is all. */
export function limitRows(dataset: Dataset, count: number | undefined, seed: number): Dataset {
  if (count === undefined || count >= dataset.rows) return dataset;
  const classes = dataset.meta.classes.length;
  const strata = dataset.labels.map((label, row) => label + classes * (dataset.split[row] as number));
  return selectRows(dataset, stratifiedSubset(strata, count, seed));
}
