import type { FeedbackCounts } from '../../domain/imported-feedback.ts';

export interface ImportedRows extends FeedbackCounts {
  /** Lines of models the labels speak of. */
  readonly lines: readonly string[];
}

/** The counts of an import, for people: one line for what came, one for each kind of row that is another story. */
export function importedText(imported: ImportedRows): string {
  const { rows, added, known, forgotten, waiting, predictions, quarantined, lines } = imported;
  const of = lines.length === 0 ? '' : ` for ${lines.join(', ')}`;
  const told = [
    `Imported ${added} new ${added === 1 ? 'label' : 'labels'}${of}; ${known} of ${rows} rows were known or have no label.`,
  ];
  if (predictions > 0) told.push(`${predictions} ${predictions === 1 ? 'prediction' : 'predictions'} came with them.`);
  if (forgotten > 0) {
    told.push(
      `${forgotten} ${forgotten === 1 ? 'names a prediction that was' : 'name predictions that were'} forgotten; not kept.`,
    );
  }
  if (waiting > 0) {
    told.push(
      `${waiting} ${waiting === 1 ? 'names a prediction that is' : 'name predictions that are'} not on record yet, and ${waiting === 1 ? 'waits' : 'wait'} for it.`,
    );
  }
  if (quarantined > 0) {
    told.push(
      `${quarantined} ${quarantined === 1 ? 'row was' : 'rows were'} set aside; npx mlloop feedback quarantine tells why.`,
    );
  }
  if (added > 0) told.push('They count from the next run on: npm run pipeline');
  return `${told.join('\n')}\n`;
}
