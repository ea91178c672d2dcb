import { type Key, makeKey } from '../cache/key.ts';
import { installedVersions } from '../cache/packages.ts';
import type { Stage } from '../domain/pipeline.ts';
import { childSeed } from '../util/seed.ts';
import type { ResolvedDep } from './resolve-deps.ts';
import type { Services } from './services.ts';
import { readsOf, type StageCode } from './stage-code.ts';

export interface KeyInputs {
  readonly stage: Stage;
  readonly code: StageCode;
  readonly deps: Readonly<Record<string, ResolvedDep>>;
  readonly seed: number;
  readonly services: Services;
  /** The folder whose node_modules the stage's packages come from. */
  readonly packagesFolder: string;
  /** Node's major version, operating system and processor. */
  readonly platform: string;
}

/** The seed a stage gets: its own, whatever else is in the pipeline. */
export const stageSeed = (seed: number, stage: string): number => childSeed(seed, `stage/${stage}`);

/** The key of a stage as things are now. */
export async function keyOf(inputs: KeyInputs): Promise<Key> {
  const { stage, code, deps, services } = inputs;
  const reads: Record<string, string> = {};
  for (const name of readsOf(code)) reads[name] = await services.digest(name);
  return makeKey({
    code: code.kind === 'module' ? code.bundle.hash : [...code.argv],
    params: code.params,
    deps: Object.fromEntries(Object.entries(deps).map(([name, dep]) => [name, dep.hash ?? 'absent'])),
    outs: stage.outs,
    seed: stageSeed(inputs.seed, stage.name),
    env: stage.env,
    reads,
    packages: code.kind === 'module' ? installedVersions(inputs.packagesFolder, code.bundle.packages) : {},
    platform: inputs.platform,
  });
}
