import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readContent } from '../cache/content.ts';
import type { Memo } from '../cache/memo.ts';
import type { Store } from '../cache/store.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { Dep, Stage } from '../domain/pipeline.ts';
import type { ArtifactUse } from '../runlog/attempts.ts';
import type { Sha256 } from '../util/hash.ts';
import { err, ok, type Result } from '../util/result.ts';
import { expandVariables } from './environment.ts';

/** A dep as it is now: where it lies and what it holds; without a hash it is an optional one that is absent. */
export interface ResolvedDep {
  readonly path: string | undefined;
  readonly hash: Sha256 | undefined;
  readonly use: ArtifactUse | undefined;
  /** Another one whenever a path dep was written to, also when it holds the same again. */
  readonly stamp?: string;
}

export interface DepSources {
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly store: Store;
  readonly memo: Memo;
  /** Options that a command has to have to mean this pipeline, with a blank before them. */
  readonly settings: string;
  /** Hash of an out as it is now; undefined when it has not been made. */
  readonly outHash: (stage: string, out: string) => Sha256 | undefined;
  readonly outKind: (stage: string, out: string) => ArtifactUse['kind'];
}

export async function resolveDeps(
  stage: Stage,
  sources: DepSources,
): Promise<Result<Readonly<Record<string, ResolvedDep>>, Failure>> {
  const resolved: Record<string, ResolvedDep> = {};
  for (const [name, dep] of Object.entries(stage.deps)) {
    const one = dep.kind === 'out' ? await resolveOut(name, dep, sources) : await resolvePath(name, dep, sources);
    if (!one.ok) return one;
    resolved[name] = one.value;
  }
  return ok(resolved);
}

type OutDep = Extract<Dep, { readonly kind: 'out' }>;

async function resolveOut(name: string, dep: OutDep, sources: DepSources): Promise<Result<ResolvedDep, Failure>> {
  const hash = sources.outHash(dep.stage, dep.out);
  const out = `${dep.stage}.${dep.out}`;
  const command = `npm run pipeline -- --to ${dep.stage}${sources.settings}`;
  if (hash === undefined) return err(failure('STAGE_MISSING_INPUT', { dep: name, out, command }));
  // Nobody else may have looked: a stage that is run alone reads what stages made that are not looked at.
  if (!(await sources.store.isWhole(hash))) return err(failure('STAGE_DAMAGED_INPUT', { dep: name, out, command }));
  const kind = sources.outKind(dep.stage, dep.out);
  const use: ArtifactUse = { role: 'in', name, hash, kind, sizeBytes: 0, files: 1 };
  return ok({ path: sources.store.pathOf(hash), hash, use });
}

type PathDep = Extract<Dep, { readonly kind: 'path' }>;

async function resolvePath(name: string, dep: PathDep, sources: DepSources): Promise<Result<ResolvedDep, Failure>> {
  for (const candidate of dep.candidates) {
    const expanded = expandVariables(candidate, sources.env);
    const path = expanded === undefined ? undefined : resolve(sources.root, expanded);
    if (path !== undefined && existsSync(path)) {
      const content = await readContent(path, sources.memo);
      if (!content.ok) return err(failure('STAGE_UNREADABLE_DEP', { dep: name, ...content.failure }));
      const { hash, sizeBytes, files, stamp } = content.value;
      const use = { role: 'in', name, hash, kind: 'path', sizeBytes, files, place: candidate } as const;
      return ok({ path, hash, use, stamp });
    }
  }
  if (dep.optional) return ok({ path: undefined, hash: undefined, use: undefined });
  return err(failure('STAGE_MISSING_DEP', { dep: name, looked: dep.candidates }));
}
