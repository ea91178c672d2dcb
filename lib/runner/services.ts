import type { Effect } from '../domain/effects.ts';
import type { Questions, ReadName } from '../domain/questions.ts';

/** Who answers what stages ask, and makes the changes they ask for. The composition root provides it. */
export interface Services {
  /** The answer, and the digest of the very state it was given from. */
  ask<Name extends ReadName>(
    name: Name,
    input: Questions[Name]['input'],
  ): Promise<{ readonly value: Questions[Name]['answer']; readonly digest: string }>;
  /** Changes whenever any answer to the question could have changed. */
  digest(name: ReadName): string;
  /** Called inside the transaction that commits the attempt; what it returns is called once that is done. */
  apply(commit: EffectCommit): () => void;
  /** Called inside the transaction that ends the run, behind all its attempts. */
  settle(ended: RunVerdict): void;
}

export interface RunVerdict {
  readonly run: number;
  /** Whether every stage of the pipeline had its turn, and none refused or failed. */
  readonly passed: boolean;
  readonly at: number;
}

export interface EffectCommit {
  readonly run: number;
  readonly attempt: number;
  readonly at: number;
  readonly effects: readonly Effect[];
  /** The stage's deps in the store, by name. */
  readonly deps: Readonly<Record<string, { readonly hash: string; readonly folder: string }>>;
}
