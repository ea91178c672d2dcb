const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time as people say it, in milliseconds since the epoch: ISO 8601, or how long ago, as in 7d. Undefined for what is neither. */
export function timeBefore(text: string, now: number): number | undefined {
  const [, count = '', unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (unit !== '') return now - Number(count) * (UNITS_MS[unit] ?? 0);
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(at) ? at : undefined;
}
