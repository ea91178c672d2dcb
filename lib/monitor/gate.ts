import type { GateRecord } from '../domain/records.ts';

export interface Limit {
  readonly min?: number;
  readonly max?: number;
}

export interface GateInputs {
  /** Limits by metric name. */
  readonly limits: Readonly<Record<string, Limit>>;
  readonly metrics: Readonly<Record<string, number>>;
  /** Rows the metrics were measured on. */
  readonly rows: number;
}

/** Checks every limit; a metric that is missing or not a number is refused, because nothing proves it. */
export function checkGate({ limits, metrics, rows }: GateInputs): GateRecord[] {
  return Object.entries(limits).flatMap(([name, { min, max }]) => {
    const value = metrics[name] ?? Number.NaN;
    const check = (limit: 'min' | 'max', threshold: number, holds: boolean): GateRecord => ({
      name,
      // A row needs a number; what is missing counts as the worst there is.
      value: Number.isFinite(value) ? value : limit === 'min' ? 0 : Number.MAX_VALUE,
      limit,
      threshold,
      rows,
      verdict: holds ? 'passed' : 'refused',
    });
    return [
      ...(min === undefined ? [] : [check('min', min, value >= min)]),
      ...(max === undefined ? [] : [check('max', max, value <= max)]),
    ];
  });
}

/** The refusal as people read it: one line a check. */
export function refusalText(checks: readonly GateRecord[]): string {
  const refused = checks.filter(({ verdict }) => verdict === 'refused').length;
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(({ name, value, limit, threshold, rows, verdict }) => {
    const bound = `${limit === 'min' ? 'at least' : 'at most'} ${threshold}`;
    return `  ${name.padEnd(width)}  ${Number(value.toPrecision(4))}  ${bound}  on ${rows} rows  ${verdict}`;
  });
  return [
    `The gate refuses this model: ${refused} of ${checks.length} checks failed. The champion stays.`,
    ...lines,
  ].join('\n');
}
