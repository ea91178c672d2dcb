/** What one request asked, and what it was answered: `rows` predictions. */
export interface AnsweredRequest {
  /** Unique; the client gets it with the answer. `predictionId` derives each row's id from it. */
  readonly id: string;
  readonly line: string;
  readonly version: number;
  readonly rows: number;
  /** rows x features raw values, row-major, as the client gave them: bytes, or numbers. */
  readonly inputs: Uint8Array | Float32Array;
  /** rows x classes, row-major. */
  readonly probabilities: Float32Array;
  /** Index of the most probable class of each row. */
  readonly predicted: readonly number[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Where answered predictions go. `record` is called on the event loop, just before the answer leaves, and must come back
 * at once: it may keep what it is given (nobody else changes it) and write it down later, many together.
 */
export interface PredictionLog {
  record(answered: AnsweredRequest): void;
}

/** The id feedback names a row by: the request's own where it has one row, else with the row's number, from 0. */
export const predictionId = ({ id, rows }: Pick<AnsweredRequest, 'id' | 'rows'>, row: number): string =>
  rows === 1 ? id : `${id}.${row}`;
