import { type Failure, failure } from '../domain/failure.ts';
import type { Candidate } from '../domain/model.ts';
import { type Settings, withCandidate } from '../ml/settings.ts';
import type { Json } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';

/** Values to try by name; a list of grids is searched one after the other. */
export type Grid = { readonly [name: string]: readonly Json[] };

/**
 * Every combination, as scikit-learn's ParameterGrid gives them: names sorted, the last one varying fastest, the grids of
 * a list in their order. Fails when there is nothing to try.
 */
export function expandGrid(grid: Grid | readonly Grid[]): Result<Candidate[], Failure> {
  const grids = Array.isArray(grid) ? (grid as readonly Grid[]) : [grid as Grid];
  if (grids.length === 0) return err(failure('SEARCH_EMPTY_GRID', { name: '' }));
  const candidates: Candidate[] = [];
  for (const one of grids) {
    const names = Object.keys(one).sort();
    if (names.length === 0) return err(failure('SEARCH_EMPTY_GRID', { name: '' }));
    const empty = names.find((name) => one[name]?.length === 0);
    if (empty !== undefined) return err(failure('SEARCH_EMPTY_GRID', { name: empty }));
    candidates.push(...names.reduce<Candidate[]>((made, name) => extend(made, name, one[name] ?? []), [{}]));
  }
  return ok(candidates);
}

/** Settings of hidden layers, which a list of layers takes the place of. */
const OF_HIDDEN = ['hidden', 'activation', 'dropout'] as const;

/** Fails for a name in the grid that makes no difference to a candidate: its scores would differ by chance alone. */
export function checkAxes(candidates: readonly Candidate[], baseline: Settings): Result<void, Failure> {
  for (const candidate of candidates) {
    const name = OF_HIDDEN.find((one) => one in candidate);
    const isIdle = name !== undefined && withCandidate(baseline, candidate).layers !== undefined;
    if (isIdle) return err(failure('SEARCH_IDLE_AXIS', { name }));
  }
  return ok(undefined);
}

const extend = (candidates: readonly Candidate[], name: string, values: readonly Json[]): Candidate[] =>
  candidates.flatMap((candidate) => values.map((value) => ({ ...candidate, [name]: value })));
