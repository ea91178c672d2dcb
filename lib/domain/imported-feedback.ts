/** What became of the rows of a feedback file. */
export interface FeedbackCounts {
  readonly rows: number;
  /** Labels that are new. */
  readonly added: number;
  /** Rows that say what is on record, or nothing yet. */
  readonly known: number;
  /** Labels of predictions that were forgotten, and so are not kept. */
  readonly forgotten: number;
  /** Labels that wait for their prediction. */
  readonly waiting: number;
  /** Predictions that came with their labels. */
  readonly predictions: number;
  /** Rows that were set aside with a reason. */
  readonly quarantined: number;
}
