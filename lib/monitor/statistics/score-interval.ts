import type { Proportion } from '../wilson.ts';
import { zOf } from './normal.ts';

/** What two models made of the same rows. */
export interface PairedCounts {
  readonly rows: number;
  /** Rows that only the challenger got right. */
  readonly onlyChallenger: number;
  /** Rows that only the champion got right. */
  readonly onlyChampion: number;
}

/**
 * The challenger's accuracy less the champion's, with the interval that holds the true difference with the given confidence:
 * Tango's score interval for paired proportions (Tango, Statistics in Medicine 17, 1998), which keeps its word for few rows and
 * few discordant ones, too (Fagerland, Lydersen and Laake, 2014). A bootstrap would claim certainty where no row is discordant.
 * Null without rows.
 */
export function differenceInterval(counts: PairedCounts, confidence: number): Proportion | null {
  const { rows, onlyChallenger, onlyChampion } = counts;
  if (rows === 0) return null;
  const value = (onlyChallenger - onlyChampion) / rows;
  const z = zOf(confidence);
  // The score falls as the assumed difference grows: z at the lower end, 0 at the value itself, -z at the upper end.
  const low = crossing(counts, { from: -1, to: value, score: z });
  const high = crossing(counts, { from: value, to: 1, score: -z });
  return { value, low, high };
}

interface Search {
  readonly from: number;
  readonly to: number;
  readonly score: number;
}

/** Where the score passes a value, by halving; the end of the range where it never does. */
function crossing(counts: PairedCounts, { from, to, score }: Search): number {
  let [low, high] = [from, to];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (scoreOf(counts, middle) > score) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Tango's statistic of an assumed difference: how many standard errors the observed one lies above it. */
function scoreOf({ rows, onlyChallenger, onlyChampion }: PairedCounts, difference: number): number {
  // The likeliest share of rows only the champion gets right, given that difference.
  const linear = (2 * rows - onlyChallenger + onlyChampion) * difference - onlyChallenger - onlyChampion;
  const constant = -onlyChampion * difference * (1 - difference);
  const share = (Math.sqrt(linear * linear - 8 * rows * constant) - linear) / (4 * rows);
  const above = onlyChallenger - onlyChampion - rows * difference;
  const variance = rows * (2 * share + difference * (1 - difference));
  if (variance > 0) return above / Math.sqrt(variance);
  return above === 0 ? 0 : Math.sign(above) * Number.POSITIVE_INFINITY;
}
