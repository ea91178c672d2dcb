import { resolve } from 'node:path';
import { mergedSchema } from '../config/json-schema.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { writeFileAtomic } from '../util/fs-atomic.ts';
import type { JsonObject } from '../util/json.ts';
import type { CommonOptions, Installation, Io } from './io.ts';
import type { ProjectOptions } from './load-project.ts';
import { foldersOf, refuse } from './project.ts';
import { targetFault } from './target-fault.ts';
import { codeFaults, openWorkbench } from './workbench.ts';

export interface CheckOptions extends CommonOptions, ProjectOptions {
  /** Where to write the JSON schema with every stage's params in it. */
  readonly schema?: string;
}

/** `mlloop check`: is everything in pipeline.yaml valid, every stage's params included. */
export async function checkVerb(options: CheckOptions, io: Io, installation: Installation): Promise<ExitCode> {
  const folders = foldersOf(options, io);
  const opened = await openWorkbench({ folders, installation, project: options });
  if (!opened.ok) return refuse(io, opened.failure);
  const { project, prepared } = opened.value;
  const { pipeline } = project;
  const faults = codeFaults(opened.value, pipeline.stages);
  if (faults.length > 0) return refuse(io, faults);
  if (options.schema !== undefined) {
    const params = [...prepared.code].flatMap(([stage, one]): [string, JsonObject][] =>
      one.kind === 'module' ? [[stage, one.description.paramsSchema]] : [],
    );
    try {
      writeFileAtomic(
        resolve(io.cwd, options.schema),
        `${JSON.stringify(mergedSchema(new Map(params)), undefined, 2)}\n`,
      );
    } catch (error) {
      return refuse(io, [targetFault(error, { target: options.schema, cwd: io.cwd, state: folders.state.folder })]);
    }
  }
  io.stdout(`pipeline.yaml is valid: ${pipeline.stages.map(({ name }) => name).join(' -> ')}\n`);
  return EXIT.done;
}
