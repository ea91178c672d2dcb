import { countUp } from '../../util/count-up.ts';
import { rowNumbers } from '../batches.ts';
import type { Score, ScoreRequest } from '../engine.ts';
import { CORRECT, LOSS, scoringProgram } from './answer-programs.ts';
import { scoreInput } from './lean-input.ts';
import type { ProgramCache } from './program-cache.ts';
import type { Values } from './runtime.ts';
import { IN } from './training-program.ts';
import { givenWeights, scalar } from './values.ts';

/** Rows scored in one call: enough to keep the matrix product busy, few enough that their numbers stay near the processor. */
const SCORE_ROWS = 512;

/** Mean loss, without what L2 adds, and accuracy. */
export async function score(programs: ProgramCache, request: ScoreRequest): Promise<Score> {
  const { transform, rows } = request;
  const { spec, shrink, rows: own } = scoreInput(request);
  const { source, file, inputs } = own;
  const { program, compiled } = await programs.get({
    key: JSON.stringify(['scoring', spec, transform, source]),
    compile: () => scoringProgram({ spec, transform }, source),
    file,
  });
  const order = rowNumbers(rows, countUp(rows.count));
  const weights = givenWeights(shrink(request.weights), compiled.layouts);
  let [loss, correct] = [0, 0];
  for (let from = 0; from < order.length; from += SCORE_ROWS) {
    const chosen = order.subarray(from, from + SCORE_ROWS);
    const results = await program.run(
      new Map<string, Values>([
        ...inputs,
        ...weights,
        [IN.labels, { data: rows.labels, shape: [rows.labels.length] }],
        [IN.order, { data: chosen, shape: [chosen.length] }],
        [IN.inverseCount, scalar(1 / chosen.length)],
      ]),
    );
    loss += ((results.get(LOSS)?.data[0] as number) ?? Number.NaN) * chosen.length;
    correct += (results.get(CORRECT)?.data[0] as number) ?? 0;
  }
  return { loss: loss / rows.count, accuracy: correct / rows.count };
}
