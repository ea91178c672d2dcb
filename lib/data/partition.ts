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
 * Tells the test rows of a dataset: the source's own, else drawn by hash of seed and id, so that a row's place never changes when
 * others come. A row that was augmented from another goes where that one goes; feedback is never among them.
 */
export function testRows(dataset: Dataset, share: number, seed: number): (row: number) => boolean {
  const { ids, origins, split } = dataset;
  if (!split.includes(SPLIT.test)) {
    const drawn = hashSplit(origins, share, { seed, name: 'test' });
    return (row) => drawn[row] === 1 && !isFeedbackId(origins[row] as number);
  }
  const originals = new Map<number, number>();
  if (!isAllOriginal(dataset)) ids.forEach((id, row) => void originals.set(id, row));
  return (row) => split[originals.get(origins[row] as number) ?? row] === SPLIT.test;
}

const isAllOriginal = ({ ids, origins }: Dataset): boolean => ids.every((id, row) => id === origins[row]);

/**
 * Parts a dataset into training, test and live rows. Feedback only ever trains; what was augmented from a test or live row is in
 * none of the three. Fails when there are no test rows, or a class has no training row.
 */
export function partitionDataset(dataset: Dataset, shares: Shares, seed: number): Result<Partition, Failure> {
  const { ids, origins } = dataset;
  const isTest = testRows(dataset, shares.test, seed);
  const isLiveDraw = hashSplit(origins, shares.live, { seed, name: 'live' });
  const isLive = (row: number): boolean =>
    !isTest(row) && isLiveDraw[row] === 1 && !isFeedbackId(origins[row] as number);
  const isOriginal = (row: number): boolean => ids[row] === origins[row];
  const pick = (holds: (row: number) => boolean): Dataset => selectRows(dataset, rowsWhere(dataset.rows, holds));
  const partition = {
    train: pick((row) => !isTest(row) && !isLive(row)),
    test: pick((row) => isTest(row) && isOriginal(row)),
    live: pick((row) => isLive(row) && isOriginal(row)),
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
