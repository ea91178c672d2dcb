import type { Key } from '../cache/key.ts';
import type { Failure } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import { type ArtifactUse, latestAttempt } from '../runlog/attempts.ts';
import type { Sha256 } from '../util/hash.ts';
import { ok, type Result } from '../util/result.ts';
import { settingsOf } from './commands.ts';
import { type DepSources, type ResolvedDep, resolveDeps } from './resolve-deps.ts';
import type { RunnerContext } from './runner-context.ts';
import type { StageCode } from './stage-code.ts';
import { keyOf } from './stage-key.ts';

/** What a stage would execute on, as things are now. */
export interface StageInputs {
  readonly code: StageCode;
  readonly deps: Readonly<Record<string, ResolvedDep>>;
  readonly key: Key;
  /** The deps looked at again. */
  readonly depsNow: () => Promise<Readonly<Record<string, ResolvedDep>> | undefined>;
}

/** Outs of stages of this run by stage; undefined for a stage whose latest outs stand. */
export type OutsOf = (stage: string) => Readonly<Record<string, Sha256>> | undefined;

/** Looks up a stage's deps and computes its key. */
export async function stageInputs(
  context: RunnerContext,
  stage: Stage,
  outsOf: OutsOf,
): Promise<Result<StageInputs, Failure>> {
  const { pipeline, services, versions, platform, log } = context;
  const code = context.code.get(stage.name);
  if (code === undefined) throw new Error(`the code of ${stage.name} was not prepared`);
  const sources: DepSources = {
    root: context.root,
    env: context.env,
    store: context.store,
    memo: context.memo,
    settings: settingsOf(pipeline),
    outHash: (name, out) => (outsOf(name) ?? latestAttempt(log, name)?.outs)?.[out],
    outKind: (name, out) => outKind(context, name, out),
  };
  const deps = await resolveDeps(stage, sources);
  if (!deps.ok) return deps;
  const key = keyOf({ stage, code, deps: deps.value, seed: pipeline.seed, services, versions, platform });
  const depsNow = async () => {
    const again = await resolveDeps(stage, sources);
    return again.ok ? again.value : undefined;
  };
  return ok({ code, deps: deps.value, key, depsNow });
}

const outKind = ({ pipeline }: RunnerContext, stage: string, out: string): ArtifactUse['kind'] =>
  pipeline.stages.find(({ name }) => name === stage)?.outs[out] ?? 'file';
