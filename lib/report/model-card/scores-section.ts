import type { EvaluationFacts, VersionFacts } from '../../domain/version-facts.ts';
import { shownMetric } from '../registry/models-table.ts';
import { markdownTable, plain } from './markdown.ts';

/** How it did on the frozen test set: over all rows, and class by class. */
export function scoresSection({ evaluation, metrics }: VersionFacts): string {
  const overall = markdownTable(
    ['metric', 'value'],
    Object.entries(metrics).map(([name, value]) => [plain(name), shownMetric(value)]),
    [1],
  );
  if (evaluation === null) {
    const lost = 'The evaluation itself is not on record any more, so there are no numbers by class.';
    return Object.keys(metrics).length === 0 ? 'Nothing was measured.' : `${overall}\n\n${lost}`;
  }
  return [
    `Measured on ${evaluation.rows} rows of the test set, none of which it learned from.`,
    overall,
    markdownTable(['class', 'precision', 'recall', 'F1', 'rows'], classRows(evaluation), [1, 2, 3, 4]),
  ].join('\n\n');
}

const classRows = ({ classes, perClass }: EvaluationFacts): string[][] =>
  perClass.map(({ precision, recall, f1, support }, at) => [
    plain(classes[at] ?? String(at)),
    ...[precision, recall, f1].map((value) => value.toFixed(4)),
    String(support),
  ]);
