import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluateAnswers } from '../../../lib/ml/metrics/evaluate.ts';
import { pairedMacroF1 } from '../../../lib/ml/metrics/paired-macro-f1.ts';

const CLASSES = 3;

/** Answers as the probabilities a sure model would give. */
const sure = (answers: readonly number[]): Float32Array =>
  Float32Array.from(answers.flatMap((answer) => [0, 1, 2].map((label) => (label === answer ? 1 : 0))));

test('kinds of rows give the difference that the rows themselves give', () => {
  const label = fc.nat(CLASSES - 1);
  fc.assert(
    fc.property(fc.array(fc.tuple(label, label, label), { minLength: 1, maxLength: 80 }), (rows) => {
      const column = (at: 0 | 1 | 2): Int32Array => Int32Array.from(rows, (row) => row[at]);
      const [labels, challenger, champion] = [column(0), column(1), column(2)];
      const { kinds, difference } = pairedMacroF1({ labels, challenger, champion }, CLASSES);
      const counts = new Int32Array(Math.max(...kinds) + 1);
      for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
      const f1 = (answers: Int32Array): number => evaluateAnswers(labels, sure([...answers]), CLASSES).macroF1;
      expect(difference(counts)).toBeCloseTo(f1(challenger) - f1(champion), 12);
    }),
  );
});
