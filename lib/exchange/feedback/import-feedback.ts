import { type Failure, failure } from '../../domain/failure.ts';
import type { RunLog } from '../../runlog/open.ts';
import { allVersions } from '../../runlog/registry.ts';
import { labelMark } from '../../runlog/staged/land-chunk.ts';
import { dropStage, type NamedClass, openStage } from '../../runlog/staged/stage.ts';
import { fullFolderTold } from '../../runlog/temporary-folder.ts';
import type { Clock } from '../../util/clock.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { type CheckedRows, type RowChecker, rowChecker } from './check-rows.ts';
import type { BadRowPolicy, RowCounts, UnknownPolicy } from './counts.ts';
import { csvReader } from './csv-rows.ts';
import { jsonReader } from './json-rows.ts';
import { landingSteps } from './land-rows.ts';
import { readLines } from './read-lines.ts';
import type { BadRow, FeedbackRow, RowReader } from './row.ts';
import { takeTurns } from './take-turns.ts';

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
  readonly clock: Pick<Clock, 'elapsed'>;
  /** Lets others write for so many milliseconds. */
  readonly wait: (ms: number) => Promise<unknown>;
  /** Labels that land in one transaction, where it is not as many as are good for a million. */
  readonly chunkRows?: number;
}

/** More touch fewer pages of the log for a row, and keep others from writing for longer. */
const CHUNK_ROWS = 100_000;

export interface ImportedFeedback extends RowCounts {
  /** Lines of models the labels speak of. */
  readonly lines: readonly string[];
}

/**
 * Puts the labels of a CSV or JSON lines file on record in constant memory. All rows are looked at before the first is written, and
 * while that goes on others can write; where a row is wrong and `badRows` is `stop`, none is. Then they land some at a time. Twice is
 * the same as once, also where the first time was cut off.
 */
export async function importFeedback(log: RunLog, from: FeedbackImport): Promise<Result<ImportedFeedback, Failure>> {
  try {
    return await importStaged(log, from);
  } catch (error) {
    throw fullFolderTold(error, log);
  }
}

async function importStaged(log: RunLog, from: FeedbackImport): Promise<Result<ImportedFeedback, Failure>> {
  const { source, digest, shapeOf, chunkRows = CHUNK_ROWS } = from;
  const classes = classesOf(log, shapeOf);
  const options = { ...from, chunkRows, ownSource: `${source} ${digest.slice(0, 16)}`, mark: labelMark(log) };
  openStage(log, classes);
  // Predictions that get a label have been looked up, and where any has gone since they are again: SQLite need not do it once more.
  log.database.pragma('foreign_keys = OFF');
  log.database.pragma('cache_size = -16000');
  try {
    const lines = [...new Set(classes.map(({ line }) => line))];
    const checked = await readFile(from, rowChecker(log, { ...options, lines }));
    if (!checked.ok) return checked;
    const { chunks, lines: told } = checked.value;
    const { problems, ...counts } = checked.value.counts;
    if (counts.bad > 0) {
      return err(failure('FEEDBACK_ROWS', { file: from.file, problems, bad: counts.bad, rows: counts.rows }));
    }
    const steps = landingSteps(log, { chunks, counts }, options);
    if (!(await takeTurns(log, steps, from))) {
      return err(failure('FEEDBACK_CUT_OFF', { file: from.file, added: counts.added }));
    }
    return ok({ ...counts, problems, lines: told });
  } finally {
    log.database.pragma('foreign_keys = ON');
    dropStage(log);
  }
}

/** Hands the rows of the file to the checker, one after the other. */
async function readFile(
  { path, file, at, signal }: FeedbackImport,
  checker: RowChecker,
): Promise<Result<CheckedRows, Failure>> {
  const hand = (row: FeedbackRow | BadRow): void => checker.take(row);
  let reader: RowReader | undefined;
  let number = 0;
  for await (const lines of readLines(path)) {
    if (signal.aborted) return err(failure('FEEDBACK_CUT_OFF', { file, added: 0 }));
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
  return ok(checker.end());
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
