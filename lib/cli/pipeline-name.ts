import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadProject } from './load-project.ts';

/** The pipeline's name; undefined where there is no pipeline.yaml, or none that can be read. */
export function pipelineName(root: string): string | undefined {
  if (!existsSync(join(root, 'pipeline.yaml'))) return undefined;
  const loaded = loadProject(root, {});
  return loaded.ok ? loaded.value.pipeline.name : undefined;
}
