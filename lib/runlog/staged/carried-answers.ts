import type { PredictionEntry } from '../../domain/effects.ts';
import type { RunLog } from '../open.ts';
import type { PredictionOrigin } from '../predictions.ts';

/** An answer that came with its label. */
export interface CarriedAnswer extends PredictionEntry {
  /** Its place among the labels of the file. */
  readonly seq: number;
  readonly line: string;
  readonly version: number;
  readonly source: string;
  readonly at: number;
}

interface CarriedRow extends Pick<CarriedAnswer, 'seq' | 'line' | 'version' | 'source' | 'at'> {
  readonly id: string;
  readonly predicted: number;
  readonly probabilities: string;
  readonly input: Buffer | null;
}

export function stageCarried(log: RunLog, answer: CarriedAnswer): void {
  const { seq, predictionId, line, version, predicted, probabilities, source, at, input } = answer;
  log.database
    .prepare('INSERT INTO temp.carried VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run(seq, predictionId, line, version, predicted, JSON.stringify(probabilities), source, at, input);
}

/** Who gave an answer that came in this file, up to a place in it; undefined where none came. */
export function carriedOrigin(log: RunLog, id: string, seq: number): PredictionOrigin | undefined {
  const row = log.database.prepare('SELECT line, version FROM temp.carried WHERE id = ? AND seq <= ?').get(id, seq);
  return row === undefined ? undefined : { ...(row as { line: string; version: number }), simulated: false };
}

/** Answers that came between two places of the file, in its order. */
export function* carriedBetween(log: RunLog, from: number, to: number): Generator<CarriedAnswer> {
  const next = log.database.prepare('SELECT * FROM temp.carried WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT 1');
  for (let row = next.get(from, to); row !== undefined; ) {
    const { id, probabilities, ...rest } = row as CarriedRow;
    yield { ...rest, predictionId: id, probabilities: JSON.parse(probabilities) as number[] };
    row = next.get(rest.seq + 1, to);
  }
}
