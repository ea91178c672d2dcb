import { type Key, makeKey } from '../cache/key.ts';
import type { ReadVersions } from '../cache/packages.ts';
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
  readonly versions: ReadVersions;
  /** Node's major version, operating system and processor. */
  readonly platform: string;
}

/** The seed a stage gets: its own, whatever else is in the pipeline. */
export const stageSeed = (seed: number, stage: string): number => childSeed(seed, `stage/${stage}`);

/** The key of a stage as things are now. */
export function keyOf(inputs: KeyInputs): Key {
  const { stage, code, deps, services } = inputs;
  return makeKey({
    code: code.kind === 'module' ? code.hash : [...code.argv],
    params: code.params,
    deps: Object.fromEntries(Object.entries(deps).map(([name, dep]) => [name, dep.hash ?? 'absent'])),
    outs: stage.outs,
    seed: stageSeed(inputs.seed, stage.name),
    env: stage.env,
    reads: Object.fromEntries(readsOf(code).map((name) => [name, services.digest(name)])),
    packages: code.kind === 'module' ? inputs.versions(code.packages) : {},
    platform: inputs.platform,
  });
}
