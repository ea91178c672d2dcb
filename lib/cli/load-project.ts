import { type LoadedPipeline, loadPipeline } from '../config/load.ts';
import type { Failure } from '../domain/failure.ts';
import { buildGraph } from '../graph/build.ts';
import { err, ok, type Result } from '../util/result.ts';

export interface ProjectOptions {
  readonly profile?: string;
  readonly set?: readonly string[];
}

/** pipeline.yaml, validated, its stages in order. */
export function loadProject(root: string, options: ProjectOptions): Result<LoadedPipeline, readonly Failure[]> {
  const loaded = loadPipeline(root, { profile: options.profile, overrides: options.set ?? [] });
  if (!loaded.ok) return loaded;
  const built = buildGraph(loaded.value.pipeline);
  return built.ok ? ok({ ...loaded.value, pipeline: built.value }) : err(built.failure);
}
