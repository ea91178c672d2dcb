import { countUp } from '../util/count-up.ts';
import { pick } from '../util/pick.ts';
import { createRng } from '../util/rng.ts';
import { childSeed } from '../util/seed.ts';
import { groupByOrigin, groupsByLabel } from './origin-groups.ts';

/** A number in [0, 1) from seed and id alone: a row's place never depends on which other rows there are. */
export function hashUnit(seed: number, id: number): number {
  // The finalizer of MurmurHash3 (Appleby, 2011), twice, so that neighbouring ids share nothing.
  const mix = (value: number): number => {
    let word = value;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return word ^ (word >>> 16);
  };
  return (mix(mix(id ^ 0x9e3779b9) ^ seed) >>> 0) / 2 ** 32;
}

/** For each id whether it falls into the given share of all rows, for good. `name` keeps two splits independent. */
export function hashSplit(
  ids: Int32Array,
  share: number,
  split: { readonly seed: number; readonly name: string },
): Uint8Array {
  const seed = childSeed(split.seed, `split/${split.name}`);
  return Uint8Array.from(ids, (id) => (hashUnit(seed, id) < share ? 1 : 0));
}

/**
 * Holds out a share of the originals of every class, at least one of each class that has two or more, and with each its
 * augmented rows. Returns row numbers in order. `holdout` has augmented rows in it: score only those that are their own origin.
 */
export function stratifiedHoldout(
  labels: Int32Array,
  origins: Int32Array,
  share: number,
  seed: number,
): { readonly train: Int32Array; readonly holdout: Int32Array } {
  if (share <= 0) return { train: countUp(labels.length), holdout: new Int32Array(0) };
  const groups = groupByOrigin(labels, origins);
  const rng = createRng(childSeed(seed, 'holdout'));
  const isHeld = new Uint8Array(groups.labels.length);
  for (const own of groupsByLabel(groups).values()) {
    const shuffled = rng.shuffle(Int32Array.from(own));
    const count = Math.min(own.length - 1, Math.max(1, Math.round(own.length * share)));
    for (const group of shuffled.subarray(0, count)) isHeld[group] = 1;
  }
  const held = pick(Int32Array.from(isHeld), groups.groupOf);
  const rows = countUp(labels.length);
  return { train: rows.filter((row) => held[row] === 0), holdout: rows.filter((row) => held[row] === 1) };
}

/**
 * Row numbers, in order, of a subset of `count` rows in which every stratum keeps its share (largest remainder); all
 * rows when `count` is not less than there are.
 */
export function stratifiedSubset(strata: Int32Array, count: number, seed: number): Int32Array {
  if (count >= strata.length) return countUp(strata.length);
  const rowsOf = new Map<number, number[]>();
  strata.forEach((stratum, row) => {
    const rows = rowsOf.get(stratum);
    if (rows === undefined) rowsOf.set(stratum, [row]);
    else rows.push(row);
  });
  const quotas = [...rowsOf.values()].map((rows) => ({ rows, exact: (rows.length * count) / strata.length }));
  const taken = quotas.map(({ exact }) => Math.floor(exact));
  let left = count - taken.reduce((sum, quota) => sum + quota, 0);
  const byRemainder = quotas.map(({ exact }, at) => ({ at, remainder: exact - Math.floor(exact) }));
  byRemainder.sort((a, b) => b.remainder - a.remainder || a.at - b.at);
  for (const { at } of byRemainder) {
    if (left === 0) break;
    taken[at] = (taken[at] as number) + 1;
    left -= 1;
  }
  const rng = createRng(childSeed(seed, 'subset'));
  const chosen = quotas.flatMap(({ rows }, at) => [...rng.shuffle(Int32Array.from(rows)).subarray(0, taken[at])]);
  return Int32Array.from(chosen).sort();
}
