import { sha256 } from '../util/hash.ts';
import type { LearnableRow } from './feedback-rows.ts';

export interface FeedbackShares {
  /** Share of the rows, for good, that no model learns from. */
  readonly holdOut: number;
  /** Largest share that feedback may have in the training rows. */
  readonly share: number;
  /** Training rows of the source. */
  readonly rows: number;
  readonly seed: number;
}

export interface SortedFeedback {
  /** Rows to learn from, in the order of their labels. */
  readonly learned: readonly LearnableRow[];
  /** Rows to judge by. */
  readonly held: readonly LearnableRow[];
  /** Rows that hold what a later one holds too: its label counts. */
  readonly repeated: number;
  /** Older rows that were left out, because there would have been more feedback than was asked for. */
  readonly over: number;
}

/**
 * Takes repeated inputs out of accepted feedback and holds a share of it back. Which share an input falls into follows from the
 * seed and the input alone, so what was held back once is never learned from later, whoever labels it again.
 */
export function sortFeedback(rows: readonly LearnableRow[], shares: FeedbackShares): SortedFeedback {
  const { holdOut, share, seed } = shares;
  const byContent = new Map<string, LearnableRow>();
  for (const row of [...rows].sort((a, b) => a.labelId - b.labelId)) {
    const content = sha256(row.input);
    // What is set again would keep its first place.
    byContent.delete(content);
    byContent.set(content, row);
  }
  const learned: LearnableRow[] = [];
  const held: LearnableRow[] = [];
  for (const [content, row] of byContent) (unitOf(`${seed}\n${content}`) < holdOut ? held : learned).push(row);
  const most = share >= 1 ? learned.length : Math.floor((shares.rows * share) / (1 - share));
  const over = Math.max(0, learned.length - most);
  return { learned: learned.slice(over), held, repeated: rows.length - byContent.size, over };
}

/** A number in [0, 1) that follows from a text alone. */
const unitOf = (text: string): number => Number.parseInt(sha256(text).slice(0, 8), 16) / 2 ** 32;
