import { parseDuration } from '../util/duration.ts';

/** A time as people say it, in milliseconds since the epoch: ISO 8601, or how long ago, as in 7d. Undefined for what is neither. */
export function timeBefore(text: string, now: number): number | undefined {
  const ago = parseDuration(text);
  if (ago !== undefined) return now - ago;
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(at) ? at : undefined;
}
