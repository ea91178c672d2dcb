import { fork } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Bundle, bundleStage, materialise } from '../cache/bundle.ts';
import type { Locator } from '../config/diagnose.ts';
import { validateParams } from '../config/validate.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import type { StageDescription } from '../domain/stage.ts';
import type { StageCode } from '../runner/stage-code.ts';
import { writeFileAtomic } from '../util/fs-atomic.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { Installation } from './io.ts';

export interface PrepareOptions {
  readonly root: string;
  readonly installation: Installation;
  readonly locator: Locator;
}

/** The folder whose node_modules the project's stages find their packages in: its own, or else mlloop's. */
export const packagesFolderOf = (root: string, home: string): string =>
  existsSync(join(root, 'node_modules')) ? root : home;

/** Bundles every stage, reads what it says of itself, and checks its params; every problem at once. */
export async function prepareCode(
  stages: readonly Stage[],
  options: PrepareOptions,
): Promise<Result<ReadonlyMap<string, StageCode>, readonly Failure[]>> {
  const failures: Failure[] = [];
  const bundled: { readonly stage: Stage; readonly bundle: Bundle; readonly path: string }[] = [];
  const code = new Map<string, StageCode>();
  const { root, installation } = options;
  const bundles = await Promise.all(
    stages.map(async (stage) =>
      stage.action.kind === 'module'
        ? { stage, result: await bundleStage({ root, file: stage.action.file, home: installation.home }) }
        : { stage, result: undefined },
    ),
  );
  for (const { stage, result } of bundles) {
    if (result === undefined) {
      if (stage.action.kind === 'program') code.set(stage.name, { ...stage.action, params: stage.params });
    } else if (result.ok) {
      const path = materialise(result.value, packagesFolderOf(root, installation.home));
      bundled.push({ stage, bundle: result.value, path });
    } else failures.push(located(result.failure, stage, options.locator));
  }
  const descriptions = await describe(
    bundled.map(({ path }) => path),
    installation,
  );
  for (const [index, { stage, bundle, path }] of bundled.entries()) {
    const described = descriptions[index];
    if (described === undefined || !described.ok) {
      const file = stage.action.kind === 'module' ? stage.action.file : stage.name;
      failures.push(failure('STAGE_BAD_EXPORT', { file, problem: described?.failure ?? 'it ended while it was read' }));
      continue;
    }
    const checked = checkParams(stage, described.value, options.locator);
    failures.push(...checked.failures);
    code.set(stage.name, { kind: 'module', bundle, path, description: described.value, params: checked.params });
  }
  return failures.length > 0 ? err(failures) : ok(code);
}

/** A missing file is told where pipeline.yaml names it; a fault inside a file where it is in that file. */
function located(fault: Failure, stage: Stage, locator: Locator): Failure {
  const at = fault.at ?? locator.placeOf(['stages', stage.name, 'run']);
  return at === undefined ? fault : { ...fault, at };
}

function checkParams(stage: Stage, description: StageDescription, locator: Locator): ReturnType<typeof validateParams> {
  const base = ['stages', stage.name, 'params'] as const;
  const checked = validateParams(description.paramsSchema, stage.params, {
    placeOf: (path) => locator.placeOf([...base, ...path]),
    placeOfKey: (path) => locator.placeOfKey([...base, ...path]),
  });
  const failures = checked.failures.map((fault) => withPrefix(fault, `${stage.name}.params`));
  return { params: checked.params, failures };
}

/** Params are checked on their own, but told by their whole path. */
function withPrefix(fault: Failure, prefix: string): Failure {
  if (!('path' in fault.fields)) return fault;
  const path = fault.fields.path === '' ? prefix : `${prefix}.${fault.fields.path}`;
  return { ...fault, fields: { ...fault.fields, path } } as Failure;
}

type Described = Result<StageDescription, string>;

/** Descriptions lie beside the bundles they are of, so a stage is read once per bundle hash. */
async function describe(paths: readonly string[], installation: Installation): Promise<readonly Described[]> {
  const fileOf = (path: string): string => join(dirname(path), 'description.json');
  const unknown = paths.filter((path) => !existsSync(fileOf(path)));
  const read = unknown.length === 0 ? [] : await askProcess(unknown, installation);
  return paths.map((path): Described => {
    const index = unknown.indexOf(path);
    if (index < 0) return ok(JSON.parse(readFileSync(fileOf(path), 'utf8')) as StageDescription);
    const described = read[index] ?? err('it ended the process that read it');
    if (described.ok) writeFileAtomic(fileOf(path), JSON.stringify(described.value));
    return described;
  });
}

function askProcess(paths: readonly string[], installation: Installation): Promise<readonly Described[]> {
  const child = fork(join(installation.built, 'describe-host.mjs'), [], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return new Promise((resolve) => {
    let described: readonly Described[] = [];
    child.on('message', (message) => {
      described = message as readonly Described[];
    });
    child.on('close', () => resolve(described));
    child.send([...paths]);
  });
}
