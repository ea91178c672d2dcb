import { type Failure, failure } from '../../domain/failure.ts';
import { dropClasses, type NamedClass } from '../../runlog/label-rows.ts';
import type { RunLog } from '../../runlog/open.ts';
import { allVersions } from '../../runlog/registry.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { csvReader } from './csv-rows.ts';
import { jsonReader } from './json-rows.ts';
import { readLines } from './read-lines.ts';
import type { BadRow, FeedbackRow, RowReader } from './row.ts';
import { type BadRowPolicy, type RowCounts, rowTaker, type TakenRows, type UnknownPolicy } from './take-rows.ts';

/** What is known of a registered model without loading it. */
export interface ModelShape {
  readonly classes: readonly string[];
  /** Numbers in a row it is asked about; undefined where nobody knows. */
  readonly features: number | undefined;
}

export type ShapeOf = (line: string, version: number) => ModelShape;

export interface FeedbackImport {
  readonly path: string;
  /** The file's name, for messages. */
  readonly file: string;
  /** SHA-256 of its bytes. */
  readonly digest: string;
  /** Whose word the labels are where the file does not say: 'import', 'audit'. */
  readonly source: string;
  readonly badRows: BadRowPolicy;
  readonly unknown: UnknownPolicy;
  readonly shapeOf: ShapeOf;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly signal: AbortSignal;
}

export interface ImportedFeedback extends RowCounts {
  /** Lines of models the labels speak of. */
  readonly lines: readonly string[];
}

type Hand = (row: FeedbackRow | BadRow) => void;

/**
 * Puts the labels of a CSV or JSON lines file on record, in one transaction and in constant memory: all of them, or none where a
 * row is wrong and `badRows` is `stop`. Twice is the same as once.
 */
export async function importFeedback(log: RunLog, from: FeedbackImport): Promise<Result<ImportedFeedback, Failure>> {
  const { database } = log;
  // Pages of a million labels are touched in any order; freed with the connection.
  database.pragma('cache_size = -65536');
  database.exec('BEGIN IMMEDIATE');
  try {
    const taken = await takeFile(log, from);
    if (!taken.ok) return taken;
    const { bad, problems, rows } = taken.value.counts;
    if (bad > 0) {
      return err(failure('FEEDBACK_ROWS', { file: from.file, problems, bad, rows }));
    }
    const lines = taken.value.lines();
    database.exec('COMMIT');
    return ok({ ...taken.value.counts, lines });
  } finally {
    if (database.inTransaction) database.exec('ROLLBACK');
    dropClasses(log);
  }
}

async function takeFile(log: RunLog, from: FeedbackImport): Promise<Result<TakenRows, Failure>> {
  const { path, file, at, signal, shapeOf } = from;
  const taker = rowTaker(log, { ...from, classes: classesOf(log, shapeOf) });
  const hand: Hand = (row) => taker.take(row);
  let reader: RowReader | undefined;
  let number = 0;
  for await (const lines of readLines(path)) {
    if (signal.aborted) return err(failure('STAGE_INTERRUPTED', {}));
    for (const line of lines) {
      number += 1;
      if (typeof line !== 'string') {
        if (reader === undefined)
          return err(failure('FEEDBACK_FILE', { file, problem: `line ${number}: ${line.problem}` }));
        hand({ number, problem: line.problem, text: line.start });
      } else if (reader !== undefined) reader.read(line, number, hand);
      else if (line.trim() !== '') {
        const made = readerFor(line, at);
        if (!made.ok) return err(failure('FEEDBACK_FILE', { file, problem: made.failure }));
        reader = made.value.reader;
        if (made.value.isRow) reader.read(line, number, hand);
      }
    }
  }
  if (reader === undefined) return err(failure('FEEDBACK_FILE', { file, problem: 'it is empty' }));
  reader.end(hand);
  taker.end();
  return ok(taker);
}

/** JSON lines begin with an object, a CSV file with its header. */
function readerFor(line: string, now: number): Result<{ readonly reader: RowReader; readonly isRow: boolean }, string> {
  if (line.trimStart().startsWith('{')) return ok({ reader: jsonReader(now), isRow: true });
  const reader = csvReader(line, now);
  return reader.ok ? ok({ reader: reader.value, isRow: false }) : reader;
}

const classesOf = (log: RunLog, shapeOf: ShapeOf): NamedClass[] =>
  allVersions(log).flatMap(({ line, version }) =>
    shapeOf(line, version).classes.map((name, number) => ({ line, version, name, number })),
  );
