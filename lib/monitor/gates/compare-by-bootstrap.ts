import { bootstrapInterval } from '../statistics/bootstrap.ts';
import { pairCounts } from '../statistics/pair-counts.ts';
import type { AnsweredSlice, Comparison } from './champion.ts';

/** Rows that only one model got right, below which drawing them anew tells nothing: a bootstrap of none claims certainty. */
const MIN_DISCORDANT = 10;

export interface BootstrapOptions {
  /** 'macroF1Difference'. */
  readonly name: string;
  /** The kind of each row, and the challenger's number less the champion's from how many rows of each kind there are. */
  readonly kindsOf: (slice: AnsweredSlice) => {
    readonly kinds: Int32Array;
    readonly difference: (counts: Int32Array) => number;
  };
  /** Above 0 and below 1. */
  readonly confidence: number;
  readonly seed: number;
}

/** Compares a number no formula gives an interval for. There is no p-value: the interval alone proves. */
export function compareByBootstrap(answered: AnsweredSlice, options: BootstrapOptions): Comparison {
  const { name, kindsOf, confidence, seed } = options;
  const { slice, labels, note = '' } = answered;
  const { onlyChallenger, onlyChampion } = pairCounts(answered);
  const discordant = onlyChallenger + onlyChampion;
  const about = { slice, name, rows: labels.length, pValue: null };
  if (discordant < MIN_DISCORDANT) {
    const few = `${discordant} rows tell the two apart, ${MIN_DISCORDANT} needed`;
    return { ...about, interval: null, note: [few, note].filter((text) => text !== '').join('; ') };
  }
  const { kinds, difference } = kindsOf(answered);
  return { ...about, interval: bootstrapInterval({ kinds, statistic: difference, confidence, seed }), note };
}
