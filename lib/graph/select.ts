import { type Failure, failure } from '../domain/failure.ts';
import { err, ok, type Result } from '../util/result.ts';
import { didYouMean } from '../util/suggest.ts';
import { type GraphStage, upstreamOf } from './order.ts';

/** Which part of the graph a run is about. */
export interface Selection {
  readonly only: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/**
 * The stages to look at, in order. `only` is that stage alone; `from` it and everything that reads from it; `to`
 * it and everything it needs; both, what lies between.
 */
export function selectStages<S extends GraphStage>(stages: readonly S[], selection: Selection): Result<S[], Failure> {
  const known = stages.map((stage) => stage.name);
  for (const name of [selection.only, selection.from, selection.to]) {
    if (name !== undefined && !known.includes(name)) {
      return err(failure('GRAPH_UNKNOWN_STAGE', { stage: name, known, suggestion: didYouMean(name, known) }));
    }
  }
  const { only, from, to } = selection;
  if (only !== undefined && (from ?? to) !== undefined) {
    const problem = `--only ${only} is one stage, and ${from === undefined ? `--to ${to}` : `--from ${from}`} speaks of others.`;
    return err(failure('USAGE', { problem, next: 'Give --only alone, or --from and --to.' }));
  }
  if (only !== undefined) return ok(stages.filter((stage) => stage.name === only));
  const after = from === undefined ? undefined : downstreamOf(stages, from);
  const before = to === undefined ? undefined : ancestorsOf(stages, to);
  const selected = stages.filter(({ name }) => (after?.has(name) ?? true) && (before?.has(name) ?? true));
  if (selected.length === 0) return err(failure('GRAPH_EMPTY_SELECTION', { from: from ?? '', to: to ?? '' }));
  return ok(selected);
}

/** The stage and all that reads from it, directly or not. */
export function downstreamOf(stages: readonly GraphStage[], name: string): ReadonlySet<string> {
  const found = new Set([name]);
  for (const stage of stages) if (upstreamOf(stage).some((upstream) => found.has(upstream))) found.add(stage.name);
  return found;
}

/** The stage and all it needs, directly or not. */
export function ancestorsOf(stages: readonly GraphStage[], name: string): ReadonlySet<string> {
  const found = new Set([name]);
  for (const stage of stages.toReversed()) {
    if (found.has(stage.name)) for (const upstream of upstreamOf(stage)) found.add(upstream);
  }
  return found;
}
