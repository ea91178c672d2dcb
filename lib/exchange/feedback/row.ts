/** An answer that came with its label, for a log that does not know it yet. */
export interface CarriedPrediction {
  readonly line: string;
  /** Content hash of the model that answered. */
  readonly model: string;
  /** A class name. */
  readonly predicted: string;
  readonly probabilities: readonly number[];
  /** Who asked. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Raw features; null where none were kept. */
  readonly input: Uint8Array | null;
}

/** A row of a feedback file. */
export interface FeedbackRow {
  /** Number of its first line, from 1. */
  readonly number: number;
  readonly id: string;
  /** A class name; empty where nobody has said yet. */
  readonly label: string;
  /** Whose word it is; undefined where the file does not say. */
  readonly source: string | undefined;
  /** When it was given, in milliseconds since the epoch; undefined where the file does not say. */
  readonly at: number | undefined;
  readonly prediction: CarriedPrediction | undefined;
  /** The row as it stands in the file. */
  readonly text: string;
}

/** A row nothing can be made of. */
export interface BadRow {
  readonly number: number;
  readonly problem: string;
  readonly text: string;
}

/** Reads one line after the other, and hands on the rows they make. */
export interface RowReader {
  read(line: string, number: number, hand: (row: FeedbackRow | BadRow) => void): void;
  /** Hands on what the last line left open. */
  end(hand: (row: FeedbackRow | BadRow) => void): void;
}

/** Characters of an id, a label or a source. */
const MAX_LENGTH = 200;

/** A name that somebody gives to where labels come from, and the beginning of the sum of the file they came in. */
const SOURCE = /^[a-z][a-z0-9-]{0,31}( [0-9a-f]{16})?$/;

/** How far ahead of this machine's clock another one's may be, in milliseconds. */
const AHEAD_MS = 86_400_000;

/** What is wrong with the texts of a row; undefined where nothing is. */
export function problemOf(row: Pick<FeedbackRow, 'id' | 'label' | 'source'>): string | undefined {
  const { id, label, source } = row;
  if (id === '') return 'it has no prediction_id';
  if (id.length > MAX_LENGTH) return `its prediction_id is longer than ${MAX_LENGTH} characters`;
  if (label.length > MAX_LENGTH) return `its label is longer than ${MAX_LENGTH} characters`;
  if (source === undefined) return undefined;
  if (source.startsWith('simulation')) return 'its label is a simulated one, which is never taken for what people said';
  return SOURCE.test(source) ? undefined : `'${source.slice(0, 40)}' cannot be a source`;
}

/** Reads a time as files have it: ISO 8601, or milliseconds since the epoch. The text that comes back says what is wrong. */
export function readTime(text: string, now: number): number | string {
  const at = /^\d{11,16}$/.test(text) ? Number(text) : /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isFinite(at)) return `'${text.slice(0, 40)}' is no time; it has to be like 2026-01-31T12:00:00Z`;
  return at > now + AHEAD_MS ? `${text.slice(0, 40)} lies in the future` : at;
}
