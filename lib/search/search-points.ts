import type { Candidate } from '../domain/model.ts';
import type { Json, JsonObject } from '../util/json.ts';

/** A search as it is drawn: one point a candidate, in the grid's order. */
export interface SearchPoints {
  readonly folds: number;
  readonly points: readonly {
    readonly name: string;
    readonly mean: number | null;
    readonly std: number | null;
    readonly folds: readonly (number | null)[];
    readonly status: string;
    readonly isWinner: boolean;
  }[];
}

/** Reads a search's results back, in the form that `cvResults` wrote. */
export function searchPoints(results: JsonObject): SearchPoints {
  const column = <T extends Json>(name: string): readonly T[] => (results[name] ?? []) as unknown as readonly T[];
  const folds = Number(results['folds'] ?? 0);
  const points = column<Candidate & JsonObject>('params').map((candidate, at) => ({
    name: candidateName(candidate),
    mean: column<number | null>('mean_test_score')[at] ?? null,
    std: column<number | null>('std_test_score')[at] ?? null,
    folds: Array.from({ length: folds }, (_, fold) => column<number | null>(`split${fold}_test_score`)[at] ?? null),
    status: column<string>('status')[at] ?? 'failed',
    isWinner: at === results['best_index'],
  }));
  return { folds, points };
}

/** A setting as people read it: `hidden [64], learningRate 0.001`. */
export const candidateName = (candidate: Candidate): string =>
  Object.entries(candidate)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
