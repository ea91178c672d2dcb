import { type LoadedPipeline, type LoadOptions, loadPipeline, loadPipelineText } from '../config/load.ts';
import type { Failure } from '../domain/failure.ts';
import { buildGraph } from '../graph/build.ts';
import { err, ok, type Result } from '../util/result.ts';

export interface ProjectOptions {
  readonly profile?: string;
  readonly set?: readonly string[];
}

/** pipeline.yaml, validated, its stages in order. */
export const loadProject = (root: string, options: ProjectOptions): Result<LoadedPipeline, readonly Failure[]> =>
  inOrder(loadPipeline(root, loadOptions(options)));

/** The same from the text itself. */
export const loadProjectText = (text: string, options: ProjectOptions): Result<LoadedPipeline, readonly Failure[]> =>
  inOrder(loadPipelineText(text, loadOptions(options)));

const loadOptions = ({ profile, set = [] }: ProjectOptions): LoadOptions => ({ profile, overrides: set });

function inOrder(loaded: Result<LoadedPipeline, readonly Failure[]>): Result<LoadedPipeline, readonly Failure[]> {
  if (!loaded.ok) return loaded;
  const built = buildGraph(loaded.value.pipeline);
  return built.ok ? ok({ ...loaded.value, pipeline: built.value }) : err(built.failure);
}
