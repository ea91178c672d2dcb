import type { Stage } from '../domain/pipeline.ts';
import { ancestorsOf } from '../graph/select.ts';
import { latestAttempt } from '../runlog/attempts.ts';
import { planStages } from './plan.ts';
import type { RunnerContext } from './runner-context.ts';

/**
 * A warning for what a part of the pipeline would be run on although it is not what pipeline.yaml asks for now: stages
 * before it whose outs are of another key. One line, that says why.
 */
export async function staleWarnings(context: RunnerContext, selected: readonly Stage[]): Promise<readonly string[]> {
  const { pipeline, code, log, store } = context;
  const names = new Set(selected.map(({ name }) => name));
  const needed = new Set(selected.flatMap(({ name }) => [...ancestorsOf(pipeline.stages, name)]));
  const left = pipeline.stages.filter(({ name }) => needed.has(name) && !names.has(name));
  // A stage whose code is not ready, or whose outs are not there, is told where it is missed.
  const known = left.filter(({ name, action }) => {
    const latest = latestAttempt(log, name);
    const isThere = latest !== undefined && Object.values(latest.outs).every((hash) => store.has(hash));
    return isThere && (action.kind === 'program' || code.has(name));
  });
  if (known.length === 0) return [];
  const planned = await planStages(context, known, { forced: () => undefined });
  const stale = planned.filter(({ verdict }) => verdict === 'run' || verdict === 'cached');
  const [first] = stale;
  if (first === undefined) return [];
  const reasons = stale.map(({ stage, why }) => `${stage} (${why})`).join(', ');
  return [`what is read was made before a change: ${reasons}. Its last outs are used.`];
}
