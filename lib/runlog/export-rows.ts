import type { RunLog } from './open.ts';

/** A label with the answer it speaks of; without a label where nobody has given one. */
export interface ExportedRow {
  readonly id: string;
  readonly line: string;
  readonly version: number;
  /** Content hash of the model that answered. */
  readonly model: string;
  readonly predicted: number;
  /** As the log holds them, in the order of the classes. */
  readonly probabilities: Buffer;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Who asked: 'serve', 'predict'. */
  readonly askedBy: string;
  readonly input: Buffer | null;
  readonly label: number | null;
  readonly labelledAt: number | null;
  readonly source: string | null;
}

export interface ExportQuery {
  /** Labels given, and answers given, from this time on; milliseconds since the epoch. */
  readonly since: number;
  /** Every line, when it is left out. */
  readonly line: string | undefined;
  /** Whether answers that nobody has labelled come, too. */
  readonly unlabelled: boolean;
}

const ANSWER = `prediction.id, prediction.line, prediction.version, model_version.hash AS model, prediction.predicted,
  prediction.probabilities, prediction.at, prediction.source AS askedBy, prediction_input.input`;

const JOINS = `JOIN model_version ON model_version.line = prediction.line AND model_version.version = prediction.version
  LEFT JOIN prediction_input ON prediction_input.prediction = prediction.number`;

/** What people have said, one row a label, oldest first, then what nobody has labelled; never what was simulated. */
export function* exportedRows(log: RunLog, { since, line, unlabelled }: ExportQuery): Generator<ExportedRow> {
  const bound = { since, line: line ?? null };
  const real = 'prediction.simulated = 0 AND (:line IS NULL OR prediction.line = :line)';
  // A label that does not count has a number before all others, and still its time.
  yield* log.database
    .prepare(`SELECT ${ANSWER}, label.label, label.at AS labelledAt, label.source
      FROM label JOIN prediction ON prediction.id = label.prediction ${JOINS}
      WHERE label.at >= :since AND ${real} ORDER BY label.at, label.id`)
    .iterate(bound) as IterableIterator<ExportedRow>;
  if (!unlabelled) return;
  yield* log.database
    .prepare(`SELECT ${ANSWER}, NULL AS label, NULL AS labelledAt, NULL AS source FROM prediction ${JOINS}
      WHERE prediction.at >= :since AND ${real}
        AND NOT EXISTS (SELECT 1 FROM label WHERE label.prediction = prediction.id) ORDER BY prediction.number`)
    .iterate(bound) as IterableIterator<ExportedRow>;
}
