import { resolve } from 'node:path';
import { mergedSchema } from '../config/json-schema.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { writeFileAtomic } from '../util/fs-atomic.ts';
import type { JsonObject } from '../util/json.ts';
import type { Installation, Io } from './io.ts';
import { prepareCode } from './prepare-code.ts';
import { foldersOf, loadProject } from './project.ts';
import { type RunOptions, refuse } from './run-verb.ts';

export interface CheckOptions extends RunOptions {
  /** Where to write the JSON schema with every stage's params in it. */
  readonly schema?: string;
}

/** `mlloop check`: is everything in pipeline.yaml valid, every stage's params included. */
export async function checkVerb(options: CheckOptions, io: Io, installation: Installation): Promise<ExitCode> {
  const { root } = foldersOf(options, io);
  const loaded = loadProject(root, options);
  if (!loaded.ok) return refuse(io, loaded.failure);
  const { pipeline, locator } = loaded.value;
  const code = await prepareCode(pipeline.stages, { root, installation, locator });
  if (!code.ok) return refuse(io, code.failure);
  if (options.schema !== undefined) {
    const params = [...code.value].flatMap(([stage, one]): [string, JsonObject][] =>
      one.kind === 'module' ? [[stage, one.description.paramsSchema]] : [],
    );
    writeFileAtomic(
      resolve(io.cwd, options.schema),
      `${JSON.stringify(mergedSchema(new Map(params)), undefined, 2)}\n`,
    );
  }
  io.stdout(`pipeline.yaml is valid: ${pipeline.stages.map(({ name }) => name).join(' -> ')}\n`);
  return EXIT.done;
}
