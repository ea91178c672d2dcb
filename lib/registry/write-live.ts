import type { PredictionEntry } from '../domain/effects.ts';
import type { LabelReceipt, LiveWrites, LiveWritten, PackedAnswers } from '../domain/live.ts';
import type { RunLog } from '../runlog/open.ts';
import { insertPredictions } from '../runlog/predictions.ts';
import { type ClassesOf, giveLabels } from './give-labels.ts';

/** Where predictions of a server, and labels it was sent, come from. */
const SOURCE = 'serve';

export interface WriteLiveOptions {
  readonly classesOf: ClassesOf;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Called between every few rows. */
  readonly between?: () => void;
}

/** Rows between two pauses: a fraction of a millisecond. */
const FEW_ROWS = 16;

/**
 * Puts on record what waited, in one transaction. With labels among it the transaction is on the disk when this returns (the
 * write-ahead log is synced: `synchronous = FULL`), and a power cut cannot take it; without, a power cut may take the last of
 * it, and the end of the process cannot. Either is whole or not there. Throws what SQLite throws.
 */
export function writeLive(log: RunLog, { answers, labels }: LiveWrites, options: WriteLiveOptions): LiveWritten {
  const { classesOf, at, between } = options;
  log.database.pragma(`synchronous = ${labels.length > 0 ? 'FULL' : 'NORMAL'}`);
  return log.atomically(() => {
    let [recorded, known, joined] = [0, 0, 0];
    for (const packed of answers) {
      const { line, version } = packed;
      const classes = classesOf(line, version);
      const batch = { line, version, simulated: false, source: SOURCE, at, classes };
      const entries = unpack(packed);
      for (let from = 0; from < entries.length; from += FEW_ROWS) {
        const inserted = insertPredictions(log, batch, entries.slice(from, from + FEW_ROWS));
        recorded += inserted.added;
        known += inserted.known + inserted.forgotten;
        joined += inserted.joined;
        between?.();
      }
    }
    const receipts = labels.map((given): LabelReceipt => {
      const outcomes = giveLabels(log, given, { classesOf, source: SOURCE, at });
      return outcomes.ok ? { kind: 'kept', outcomes: outcomes.value } : { kind: 'refused', problems: outcomes.failure };
    });
    return { recorded, known, joined, receipts };
  });
}

function unpack({ ids, at, inputs, predicted, probabilities }: PackedAnswers): (PredictionEntry & { at: number })[] {
  const width = inputs === null ? 0 : inputs.length / ids.length;
  const classes = probabilities.length / ids.length;
  return ids.map((predictionId, row) => ({
    predictionId,
    at: at[row] as number,
    input: inputs === null ? null : inputs.subarray(row * width, (row + 1) * width),
    predicted: predicted[row] as number,
    probabilities: [...probabilities.subarray(row * classes, (row + 1) * classes)],
  }));
}
