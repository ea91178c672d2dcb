import type { LedgerEntry } from '../domain/ledger.ts';

/** A move of one alias; a whole entry serves. */
export type Move = Pick<LedgerEntry, 'kind' | 'from' | 'to'>;

export interface Standing<M extends Move> {
  /** Versions that stood behind the alias and were not rolled back from, the last one on top: it stands there now. */
  readonly stack: readonly number[];
  /** Versions that were rolled back from, each with the entry that did it. */
  readonly withdrawn: ReadonlyMap<number, M>;
}

/**
 * Where an alias stands by its ledger, oldest entry first. A rollback takes every version above its target with it: whoever
 * goes back two steps trusts neither.
 */
export function standingOf<M extends Move>(moves: readonly M[]): Standing<M> {
  const stack: number[] = [];
  const withdrawn = new Map<number, M>();
  for (const move of moves) {
    const { kind, to } = move;
    if (kind === 'kept' || kind === 'import' || to === null) continue;
    if (kind === 'rollback') {
      const depth = stack.includes(to) ? stack.lastIndexOf(to) + 1 : stack.length - 1;
      for (const version of stack.splice(Math.max(depth, 0))) withdrawn.set(version, move);
    }
    withdrawn.delete(to);
    if (stack.at(-1) !== to) stack.push(to);
  }
  return { stack, withdrawn };
}

/** The version a rollback goes back to when none is named: the one before, among those that were not rolled back from. */
export function versionBefore({ stack, withdrawn }: Standing<Move>, current: number | undefined): number | undefined {
  return stack.findLast((version) => version !== current && !withdrawn.has(version));
}
