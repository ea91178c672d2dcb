/** Ids below this belong to the source's own rows. */
export const AUGMENTED_IDS_FROM = 500_000_000;

/** Ids from here on belong to accepted feedback: this plus the label's id. */
export const FEEDBACK_IDS_FROM = 1_000_000_000;

export const isFeedbackId = (id: number): boolean => id >= FEEDBACK_IDS_FROM;

/** The source's own split, as in the column `split`. */
export const SPLIT = { train: 0, test: 1 } as const;

/** The row numbers in which `holds` is true, in order. */
export function rowsWhere(rows: number, holds: (row: number) => boolean): Int32Array {
  const found = new Int32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row++) if (holds(row)) found[count++] = row;
  return found.slice(0, count);
}
