import { FEEDBACK } from '../../domain/feedback-provenance.ts';
import type { DatasetFacts, SourceFacts, VersionFacts } from '../../domain/version-facts.ts';
import { shownValue } from '../runs/format.ts';
import { markdownTable, plain } from './markdown.ts';

/** What it learned from, whose that is, and where it came from. */
export function dataSection({ data, labels, lineage }: VersionFacts, learnedRows: number): string {
  const parts = [`It learned from ${learnedRows} rows.`];
  const sources = sourcesOf(data);
  if (sources.length > 0) {
    const rows = sources.map(({ source, rows: count, licence, detail }) => [
      plain(source),
      String(count),
      plain(licence ?? 'not stated: ask whoever gave you the rows before you pass the model on'),
      detailText(detail),
    ]);
    parts.push(markdownTable(['source', 'rows, test set included', 'licence', 'details'], rows, [1]));
  }
  const files = sources.flatMap(({ sha256 }) => Object.entries(sha256));
  if (files.length > 0) {
    parts.push(
      'The files that were read:',
      markdownTable(
        ['file', 'SHA-256'],
        files.map(([name, hash]) => [plain(name), `\`${hash}\``]),
      ),
    );
  }
  if (labels > 0) {
    const fed = sources.filter(({ source }) => source === FEEDBACK.real || source === FEEDBACK.simulated);
    const count = sources.length === 0 ? `at most ${labels}` : fed.reduce((sum, { rows }) => sum + rows, 0);
    parts.push(
      `Among the rows are ${count} that people, or a simulation of them, sent to an earlier version and labelled; whoever collected them knows on what terms.`,
    );
  }
  const gone = data.filter(({ rows }) => rows === null);
  if (gone.length > 0) {
    const hashes = gone.map(({ hash }) => `\`${hash}\``).join(', ');
    parts.push(`No longer in the store when this card was written, so that their sources cannot be told: ${hashes}.`);
  }
  if (lineage.length > 0)
    parts.push('What was read on the way to it, and whose code ran, by SHA-256:', lineageTable(lineage));
  return parts.join('\n\n');
}

/** What else tells how to get the same rows again; the licence has a column of its own. */
function detailText(detail: SourceFacts['detail']): string {
  const told = Object.entries(detail).filter(([name]) => name !== 'licence');
  return plain(told.map(([name, value]) => `${name} ${shownValue(value)}`).join(', ')) || '-';
}

/** Datasets that were made of each other name the same sources. */
function sourcesOf(data: readonly DatasetFacts[]): SourceFacts[] {
  const known = new Map(data.flatMap(({ sources }) => sources).map((source) => [JSON.stringify(source), source]));
  return [...known.values()];
}

const lineageTable = (lineage: VersionFacts['lineage']): string =>
  markdownTable(
    ['stage', 'what', 'name', 'SHA-256'],
    lineage.map(({ stage, what, name, hash }) => [plain(stage), plain(what), plain(name), `\`${hash}\``]),
  );
