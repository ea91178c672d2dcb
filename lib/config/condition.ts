import { type Failure, failure } from '../domain/failure.ts';
import type { Condition, Stage } from '../domain/pipeline.ts';
import type { Json } from '../util/json.ts';
import { didYouMean } from '../util/suggest.ts';
import type { Locator } from './diagnose.ts';
import type { PipelineYaml, StageYaml } from './schema.ts';

type WhenYaml = NonNullable<StageYaml['when']>;

/** What `when:` says, as the runner reads it. */
export function toCondition({ param, metric, model, split, equals, min, max }: WhenYaml): Condition {
  const comparison = {
    ...(equals === undefined ? {} : { equals: equals as Json }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
  if (metric === undefined) return { kind: 'param', path: param ?? '', comparison };
  const dot = metric.indexOf('.');
  return { kind: 'metric', stage: metric.slice(0, dot), metric: metric.slice(dot + 1), model, split, comparison };
}

interface Around {
  readonly stages: readonly Stage[];
  readonly yaml: PipelineYaml;
  readonly locator: Locator;
}

/** A condition speaks of one thing, compares it with something, and knows it before the stage's turn comes. */
export function conditionFaults(stage: Stage, { stages, yaml, locator }: Around): Failure[] {
  const declared = yaml.stages[stage.name]?.when;
  if (declared === undefined || stage.when === undefined) return [];
  const at = locator.placeOf(['stages', stage.name, 'when']);
  const fault = (problem: string): Failure => failure('CONFIG_INVALID', { path: `${stage.name}.when`, problem }, at);
  if ((declared.param === undefined) === (declared.metric === undefined)) {
    return [fault("has to name a 'param' or a 'metric', and not both")];
  }
  if (Object.keys(stage.when.comparison).length === 0)
    return [fault("lacks what to compare with: 'equals', 'min' or 'max'")];
  if (stage.when.kind === 'param') return [];
  const { stage: of } = stage.when;
  if (!stages.some(({ name }) => name === of)) {
    const suggestion = didYouMean(
      of,
      stages.map(({ name }) => name),
    );
    return [failure('GRAPH_UNKNOWN_STAGE', { stage: of, known: stages.map(({ name }) => name), suggestion }, at)];
  }
  // Until the graph is built the stages stand in the file's order, in which a stage may come before what it reads from.
  const isBefore = reaches(stages, stage.name, of);
  return isBefore
    ? []
    : [fault(`reads a metric of '${of}', which does not run before it: add one of its outs to the deps`)];
}

/** Whether a stage reads, directly or not, from another. */
function reaches(stages: readonly Stage[], from: string, to: string): boolean {
  const seen = new Set<string>();
  const queue = [from];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    for (const dep of Object.values(stages.find((stage) => stage.name === name)?.deps ?? {})) {
      if (dep.kind !== 'out' || seen.has(dep.stage)) continue;
      if (dep.stage === to) return true;
      seen.add(dep.stage);
      queue.push(dep.stage);
    }
  }
  return false;
}
