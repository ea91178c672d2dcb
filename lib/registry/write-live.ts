import type { LabelReceipt, LiveWrites, LiveWritten, Unavailable, UnfitPrediction } from '../domain/live.ts';
import type { RunLog } from '../runlog/open.ts';
import { insertPacked } from '../runlog/predictions.ts';
import { type ClassesOf, giveLabels } from './give-labels.ts';

/** Where predictions of a server, and labels it was sent, come from. */
const SOURCE = 'serve';

export interface WriteLiveOptions {
  readonly classesOf: ClassesOf;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Called between every few rows. */
  readonly between?: () => void;
  /** Whether an error is that of a single row, or of one list of labels: those are left out then, and the others written. */
  readonly isOfOne?: (error: unknown) => boolean;
}

/** Rows between two pauses: a fraction of a millisecond. */
const FEW_ROWS = 16;

/**
 * Puts on record what waited, in one transaction. With labels among it the transaction is on the disk when this returns (the
 * write-ahead log is synced: `synchronous = FULL`), and a power cut cannot take it; without, a power cut may take the last of
 * it, and the end of the process cannot. Either is whole or not there. Throws what SQLite throws.
 */
export function writeLive(log: RunLog, writes: LiveWrites, options: WriteLiveOptions): LiveWritten {
  const { isOfOne = () => false } = options;
  log.database.pragma(`synchronous = ${writes.labels.length > 0 ? 'FULL' : 'NORMAL'}`);
  try {
    return log.atomically(() => writeAll(log, writes, options, (work) => work()));
  } catch (error) {
    if (!isOfOne(error)) throw error;
  }
  // Rare, so that the others need not pay for it: everything has a savepoint of its own.
  const apart = <T>(work: () => T, instead: (problem: string) => T): T => {
    try {
      return log.atomically(work);
    } catch (error) {
      if (!isOfOne(error)) throw error;
      return instead(error instanceof Error ? error.message : String(error));
    }
  };
  return log.atomically(() => writeAll(log, writes, { ...options, fewRows: 1 }, apart));
}

/** Does a part of the work; where that alone cannot be done, and nothing else is to suffer for it, it does what is to be done instead. */
type Part = <T>(work: () => T, instead: (problem: string) => T) => T;

const NOTHING = { added: 0, known: 0, joined: 0 };

function writeAll(
  log: RunLog,
  { answers, labels }: LiveWrites,
  { classesOf, at, between, fewRows }: WriteLiveOptions & { readonly fewRows?: number },
  part: Part,
): LiveWritten {
  let [recorded, known, joined] = [0, 0, 0];
  const unfit: UnfitPrediction[] = [];
  for (const packed of answers) {
    const { line, version, ids } = packed;
    const batch = { line, version, simulated: false, source: SOURCE, classes: classesOf(line, version) };
    const rows = fewRows ?? (between === undefined ? ids.length : FEW_ROWS);
    for (let from = 0; from < ids.length; from += rows) {
      const to = Math.min(from + rows, ids.length);
      const inserted = part(
        () => {
          const { added, joined: found } = insertPacked(log, batch, { answers: packed, from, to });
          return { added, known: to - from - added, joined: found };
        },
        (problem) => {
          unfit.push(...ids.slice(from, to).map((prediction) => ({ prediction, problem })));
          return NOTHING;
        },
      );
      recorded += inserted.added;
      known += inserted.known;
      joined += inserted.joined;
      between?.();
    }
  }
  const give = (given: LiveWrites['labels'][number]): LabelReceipt | Unavailable => {
    const outcomes = giveLabels(log, given, { classesOf, source: SOURCE, at });
    return outcomes.ok ? { kind: 'kept', outcomes: outcomes.value } : { kind: 'refused', problems: outcomes.failure };
  };
  const receipts = labels.map((given) =>
    part<LabelReceipt | Unavailable>(
      () => give(given),
      (problem) => ({ kind: 'unavailable', problem }),
    ),
  );
  return { recorded, known, joined, unfit, receipts };
}
