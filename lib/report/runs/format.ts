import type { Json } from '../../util/json.ts';

/** A number as people compare it: counts as they are, shares and losses with four decimals, what is tiny in powers of ten. */
export function shownNumber(value: number | string | null | undefined): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'string') return value;
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) < 0.0005 ? value.toExponential(2) : value.toFixed(4);
}

/** A value as it would stand in the YAML, on one line. */
export const shownValue = (value: Json | undefined): string =>
  value === undefined ? '-' : typeof value === 'string' ? value : JSON.stringify(value);

/** 2026-11-24 16:25:42, in UTC: the same text wherever the log is read. */
export const shownTime = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

export const shortHash = (hash: string): string => hash.slice(0, 12);
