import { type Failure, failure } from '../domain/failure.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import { err, ok, type Result } from '../util/result.ts';
import { findCycle, orderStages } from './order.ts';

/** The pipeline with its stages in the order they can run, or the loop that leaves no such order. */
export function buildGraph(pipeline: Pipeline): Result<Pipeline, readonly Failure[]> {
  const loop = findCycle(pipeline.stages);
  if (loop === undefined) return ok({ ...pipeline, stages: orderStages(pipeline.stages) });
  const first = pipeline.stages.find((stage) => stage.name === loop[0]);
  return err([failure('GRAPH_CYCLE', { loop }, first?.at)]);
}
