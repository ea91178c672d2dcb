import type { RunLog } from './open.ts';

/** A metric by name, and by model and split where they are given. */
export interface MetricQuery {
  readonly name: string;
  readonly model: string | undefined;
  readonly split: string | undefined;
}

/** The last value an attempt reported of a metric that speaks of no single class or fold; undefined when it reported none. */
export function lastMetric(log: RunLog, attempt: number, { name, model, split }: MetricQuery): number | undefined {
  const row = log
    .prepare(`SELECT value, special FROM metric WHERE attempt = ? AND name = ? AND (? IS NULL OR model = ?)
      AND (? IS NULL OR split = ?) AND label IS NULL AND fold IS NULL ORDER BY id DESC LIMIT 1`)
    .get(attempt, name, model ?? null, model ?? null, split ?? null, split ?? null) as
    | { readonly value: number | null; readonly special: string | null }
    | undefined;
  if (row === undefined) return undefined;
  return (
    row.value ??
    { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY }[row.special ?? 'nan']
  );
}

/** Names of all metrics an attempt reported, sorted. */
export function metricNames(log: RunLog, attempt: number): string[] {
  const rows = log.prepare('SELECT DISTINCT name FROM metric WHERE attempt = ? ORDER BY name').all(attempt);
  return (rows as { readonly name: string }[]).map(({ name }) => name);
}
