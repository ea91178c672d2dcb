import type { PredictionEntry } from '../domain/effects.ts';
import type { PackedAnswers } from '../domain/live.ts';
import type { RunLog } from './open.ts';
import { countPastOf } from './past-answers.ts';
import { bytesOf, packedProbabilities } from './probabilities.ts';
import { isAnyWaiting, joinUnmatched } from './unmatched-labels.ts';

/** Digits of a number that is handed over as text: those of milliseconds since the epoch. */
const DIGITS = 13;

export interface PredictionBatch {
  readonly line: string;
  readonly version: number;
  readonly simulated: boolean;
  /** Who asked: 'predict', 'serve', 'simulation'. */
  readonly source: string;
  /** Milliseconds since the epoch, of entries that have no time of their own. */
  readonly at: number;
  /** Class names in the order of the model's outputs, where labels may have come before their prediction. */
  readonly classes?: readonly string[];
}

/** What became of answered predictions. */
export interface InsertedPredictions {
  readonly added: number;
  /** Their ids were on record already; those rows stay as they are. */
  readonly known: number;
  /** Their ids were forgotten, and what was forgotten does not come back. */
  readonly forgotten: number;
  /** Labels that had come before them. */
  readonly joined: number;
}

/**
 * Puts answered predictions on record; one that is there already stays as it is, and is not labelled again. The caller holds
 * the transaction.
 */
export function insertPredictions(
  log: RunLog,
  batch: PredictionBatch,
  entries: readonly (PredictionEntry & { readonly at?: number })[],
): InsertedPredictions {
  const insert =
    log.prepare(`INSERT INTO prediction (number, id, line, version, simulated, source, predicted, probabilities, at)
    SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM forgotten WHERE prediction = ?)
    ON CONFLICT (id) DO NOTHING`);
  const insertInput = log.prepare('INSERT INTO prediction_input (prediction, input) VALUES (?, ?)');
  const isForgotten = log.prepare('SELECT 1 FROM forgotten WHERE prediction = ?');
  const { line, version, simulated, source, at, classes } = batch;
  const count = { added: 0, known: 0, forgotten: 0 };
  const added: string[] = [];
  const first = nextNumber(log);
  for (const { predictionId: id, input, predicted, probabilities, label, at: own = at } of entries) {
    const answers = packedProbabilities(probabilities);
    const made = insert.run(
      first + added.length,
      id,
      line,
      version,
      Number(simulated),
      source,
      predicted,
      answers,
      own,
      id,
    );
    if (made.changes === 0) {
      count[isForgotten.get(id) === undefined ? 'known' : 'forgotten'] += 1;
      continue;
    }
    added.push(id);
    if (input !== null) insertInput.run(made.lastInsertRowid, input);
    if (label !== undefined) insertLabel(log, { prediction: id, label, source, at });
  }
  count.added = added.length;
  return { ...count, joined: classes === undefined ? 0 : joinUnmatched(log, added, classes) };
}

/** Rows `from` to `to` of packed answers: SQLite itself takes them apart, so that no row costs an object or a call. */
export interface PackedSlice {
  readonly answers: PackedAnswers;
  readonly from: number;
  readonly to: number;
}

const INSERT_PACKED = `INSERT INTO prediction (number, id, line, version, simulated, source, predicted, probabilities, at)
  SELECT :first + key, value, :line, :version, :simulated, :source, CAST(substr(:predicted, key * ${DIGITS} + 1, ${DIGITS}) AS NUMERIC),
    substr(:probabilities, key * :answerBytes + 1, :answerBytes), CAST(substr(:at, key * ${DIGITS} + 1, ${DIGITS}) AS NUMERIC)
  FROM json_each(:ids) WHERE NOT EXISTS (SELECT 1 FROM forgotten WHERE prediction = value)
  ON CONFLICT (id) DO NOTHING`;

const INSERT_PACKED_INPUTS = `INSERT INTO prediction_input (prediction, input)
  SELECT number, substr(:inputs, (number - :first) * :width + 1, :width) FROM prediction WHERE number >= :first`;

/**
 * Puts answers of a server on record; what was there already, or forgotten, stays as it is, and is not counted. The caller holds
 * the transaction.
 */
export function insertPacked(
  log: RunLog,
  { line, version, simulated, source, classes }: Omit<PredictionBatch, 'at'>,
  { answers, from, to }: PackedSlice,
): Pick<InsertedPredictions, 'added' | 'joined'> {
  const { ids, inputs, probabilities } = answers;
  const count = probabilities.length / ids.length;
  const first = nextNumber(log);
  const added = log.prepare(INSERT_PACKED).run({
    first,
    line,
    version,
    simulated: Number(simulated),
    source,
    ids: JSON.stringify(from === 0 && to === ids.length ? ids : ids.slice(from, to)),
    predicted: digits(answers.predicted.subarray(from, to)),
    at: digits(answers.at.subarray(from, to)),
    probabilities: bytesOf(probabilities.subarray(from * count, to * count)),
    answerBytes: count * Float32Array.BYTES_PER_ELEMENT,
  }).changes;
  if (inputs !== null) {
    const width = inputs.length / ids.length;
    log.prepare(INSERT_PACKED_INPUTS).run({ first, width, inputs: inputs.subarray(from * width, to * width) });
  }
  if (classes === undefined || !isAnyWaiting(log)) return { added, joined: 0 };
  const made = log
    .prepare('SELECT id FROM prediction WHERE number >= ? ORDER BY number')
    .pluck()
    .all(first) as string[];
  return { added, joined: joinUnmatched(log, made, classes) };
}

/** Whole numbers as text of one width, so that SQL finds each by its place; as bytes, in which a place is found at once. */
const digits = (numbers: Float64Array | Int32Array): Buffer => {
  let text = '';
  for (const number of numbers) {
    const own = String(number).padStart(DIGITS, '0');
    if (!(number >= 0) || own.length > DIGITS) throw new RangeError(`${number} is no time, and no class`);
    text += own;
  }
  return Buffer.from(text, 'latin1');
};

/** Behind all that are on record, and behind the last that a window has judged: that one may have been forgotten since. */
const nextNumber = (log: RunLog): number =>
  log
    .prepare(`SELECT 1 + max((SELECT coalesce(max(number), 0) FROM prediction),
      (SELECT coalesce(max(last_prediction), 0) FROM drift_window))`)
    .pluck()
    .get() as number;

export interface NewLabel {
  readonly prediction: string;
  readonly label: number;
  /** Where it came from: 'simulation', 'serve', or the digest of the imported file. */
  readonly source: string;
  readonly at: number;
}

/** Adds a label. All labels are kept; the last one counts. */
export function insertLabel(log: RunLog, { prediction, label, source, at }: NewLabel): void {
  log
    .prepare('INSERT INTO label (prediction, label, source, at) VALUES (?, ?, ?, ?)')
    .run(prediction, label, source, at);
}

/** Who answered a prediction. */
export interface PredictionOrigin {
  readonly line: string;
  readonly version: number;
  readonly simulated: boolean;
}

/** The model that answered; undefined for an id nobody was given. */
export function findPrediction(log: RunLog, id: string): PredictionOrigin | undefined {
  const row = log.prepare('SELECT line, version, simulated FROM prediction WHERE id = ?').get(id) as
    | { readonly line: string; readonly version: number; readonly simulated: number }
    | undefined;
  return row === undefined ? undefined : { ...row, simulated: row.simulated === 1 };
}

export interface PredictionCounts {
  readonly real: number;
  readonly simulated: number;
}

export interface CountRow {
  readonly simulated: number;
  readonly rows: number;
}

export const toCounts = (rows: readonly CountRow[]): PredictionCounts => ({
  real: rows.find((row) => row.simulated === 0)?.rows ?? 0,
  simulated: rows.find((row) => row.simulated === 1)?.rows ?? 0,
});

/** All answers of a version, also those that are not on record any more. */
export function countPredictions(log: RunLog, line: string, version: number): PredictionCounts {
  const rows = log
    .prepare('SELECT simulated, count(*) AS rows FROM prediction WHERE line = ? AND version = ? GROUP BY simulated')
    .all(line, version) as CountRow[];
  const { real, simulated } = toCounts(rows);
  return { real: real + countPastOf(log, line, version), simulated };
}
