import type { Dataset } from '../../lib/data/dataset.ts';
import { rowsWhere, SPLIT } from '../../lib/data/row-ids.ts';
import type { Engine, PredictRequest } from '../../lib/ml/engine.ts';

const AREA = 28 * 28;

/** Share of the dataset's test rows the model gets right. */
export async function testAccuracy(
  engine: Engine,
  model: Pick<PredictRequest, 'spec' | 'transform' | 'weights'>,
  dataset: Dataset,
): Promise<number> {
  const rows = rowsWhere(dataset.rows, (row) => dataset.split[row] === SPLIT.test);
  const start = rows[0] ?? 0;
  const inputs = dataset.feature('pixels').subarray(start * AREA);
  const probabilities = await engine.predict({ ...model, inputs, count: rows.length });
  const isRight = (row: number, at: number): boolean => {
    const answer = probabilities.subarray(at * 10, (at + 1) * 10);
    return answer.indexOf(Math.max(...answer)) === dataset.labels[row];
  };
  return rows.filter(isRight).length / rows.length;
}
