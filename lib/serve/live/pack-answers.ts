import type { PackedAnswers } from '../../domain/live.ts';

/** One answered row that waits to be put on record. */
export interface WaitingRow {
  readonly line: string;
  readonly version: number;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly input: Uint8Array | null;
  readonly predicted: number;
  readonly probabilities: Float32Array;
}

/** Rows in their order, packed so that they cross to another thread as a few blocks of memory. */
export function packAnswers(rows: readonly WaitingRow[]): PackedAnswers[] {
  const packed: PackedAnswers[] = [];
  for (let from = 0; from < rows.length; ) {
    const first = rows[from] as WaitingRow;
    let to = from + 1;
    while (to < rows.length && isAlike(first, rows[to] as WaitingRow)) to += 1;
    packed.push(packAlike(first, rows.slice(from, to)));
    from = to;
  }
  return packed;
}

const isAlike = (one: WaitingRow, other: WaitingRow): boolean =>
  one.line === other.line && one.version === other.version && one.input?.length === other.input?.length;

function packAlike(
  { line, version, input, probabilities: { length: classes } }: WaitingRow,
  rows: readonly WaitingRow[],
): PackedAnswers {
  const inputs = input === null ? null : new Uint8Array(rows.length * input.length);
  const probabilities = new Float32Array(rows.length * classes);
  for (const [at, row] of rows.entries()) {
    if (row.input !== null) inputs?.set(row.input, at * row.input.length);
    probabilities.set(row.probabilities, at * classes);
  }
  return {
    line,
    version,
    ids: rows.map(({ id }) => id),
    at: Float64Array.from(rows, ({ at }) => at),
    inputs,
    predicted: Int32Array.from(rows, ({ predicted }) => predicted),
    probabilities,
  };
}
