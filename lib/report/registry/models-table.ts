import type { ListedVersion } from '../../domain/model-version.ts';
import type { Json } from '../../util/json.ts';
import { textTable } from '../console/text-table.ts';
import { shownNumber, shownTime } from '../runs/format.ts';

/** Metrics with a column of their own, where a version has them; else the first few by name. */
const COLUMNS = ['accuracy', 'macroF1'] as const;

export function metricColumns(versions: readonly ListedVersion[]): readonly string[] {
  const names = [...new Set(versions.flatMap(({ metrics }) => Object.keys(metrics)))].sort();
  const usual = COLUMNS.filter((name) => names.includes(name));
  return usual.length > 0 ? usual : names.slice(0, COLUMNS.length);
}

/** One line a version, the newest of each line first. */
export function modelsTable(versions: readonly ListedVersion[], room?: number): string {
  const metrics = metricColumns(versions);
  const newestFirst = [...versions].sort((a, b) =>
    a.line === b.line ? b.version - a.version : a.line < b.line ? -1 : 1,
  );
  return textTable({
    head: ['line', 'version', 'alias', 'made by', 'when (UTC)', ...metrics, 'notes'],
    room,
    numbers: metrics.map((_, at) => at + 5),
    rows: newestFirst.map((one) => [
      one.line,
      `v${one.version}`,
      one.aliases.join(', ') || '-',
      one.run === null ? 'import' : `run ${one.run}`,
      shownTime(one.createdAt),
      ...metrics.map((name) => shownMetric(one.metrics[name])),
      notesOf(one),
    ]),
  });
}

export const shownMetric = (value: Json | undefined): string =>
  typeof value === 'number' || typeof value === 'string' ? shownNumber(value) : '-';

const notesOf = ({ tags, rolledBack }: ListedVersion): string =>
  [
    ...(rolledBack === null ? [] : ['rolled back']),
    ...Object.entries(tags).map(([key, value]) => `${key}=${value}`),
  ].join(', ');
