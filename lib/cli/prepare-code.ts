import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Bundle, bundleStage, copyOf, materialise, packagesFolderOf } from '../cache/bundle.ts';
import { listBusyFolders, recallBundle, rememberBundle } from '../cache/bundle-memo.ts';
import { endBundler } from '../cache/bundler.ts';
import { createLook } from '../cache/look.ts';
import type { Memo } from '../cache/memo.ts';
import type { Locator } from '../config/diagnose.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import type { StageDescription } from '../domain/stage.ts';
import type { StageCode } from '../runner/stage-code.ts';
import { writeFault } from '../runner/write-fault.ts';
import { type Sha256, sha256 } from '../util/hash.ts';
import { canonicalJson, type JsonObject } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
import { signatureOf } from '../util/stat-signature.ts';
import { type Described, describeBundles } from './describe-bundles.ts';
import type { Installation } from './io.ts';

export interface PrepareOptions {
  readonly root: string;
  readonly installation: Installation;
  readonly memo: Memo;
  readonly locator: () => Promise<Locator>;
}

/** What came of getting ready: the code of every stage that is, and the faults of those that are not. */
export interface PreparedCode {
  readonly code: ReadonlyMap<string, StageCode>;
  readonly faults: ReadonlyMap<string, readonly Failure[]>;
}

/** Bundles every stage, reads what it says of itself, and checks its params, as far as that has not been done before. */
export async function prepareCode(stages: readonly Stage[], options: PrepareOptions): Promise<PreparedCode> {
  const code = new Map<string, StageCode>();
  const faults = new Map<string, readonly Failure[]>();
  const bundles = await bundleAll(stages, options);
  const found: { readonly stage: Stage; readonly bundle: Ready }[] = [];
  for (const [at, stage] of stages.entries()) {
    const result = bundles[at];
    if (result === undefined) {
      if (stage.action.kind === 'program') code.set(stage.name, { ...stage.action, params: stage.params });
    } else if (result.ok) found.push({ stage, bundle: result.value });
    else faults.set(stage.name, [await located(result.failure, stage, options)]);
  }
  const descriptions = await describeAll(
    found.map(({ bundle }) => bundle),
    options,
  );
  for (const [at, { stage, bundle }] of found.entries()) {
    const made = await toCode(stage, { bundle, described: descriptions[at] }, options);
    if (made.ok) code.set(stage.name, made.value);
    else faults.set(stage.name, made.failure);
  }
  return { code, faults };
}

/** A bundle whose runnable copy is in place. */
interface Ready {
  readonly file: string;
  readonly hash: Sha256;
  readonly packages: readonly string[];
  readonly path: string;
  readonly rebuild: () => Promise<Result<Bundle, Failure>>;
}

type Bundled = Result<Ready, Failure> | undefined;

/** Undefined for a stage that is a program. */
async function bundleAll(stages: readonly Stage[], options: PrepareOptions): Promise<readonly Bundled[]> {
  const { root, installation, memo } = options;
  const { home } = installation;
  const look = createLook();
  const packagesFolder = packagesFolderOf(root, home);
  const esbuild = signatureOf(join(home, 'node_modules', 'esbuild', 'package.json'))?.text ?? '';
  const bundler = `${basename(installation.built)} ${esbuild}`;
  const startedMs = Date.now();
  const before = listBusyFolders(root, home);
  const bundleOne = async (stage: Stage): Promise<Bundled> => {
    if (stage.action.kind === 'program') return undefined;
    const { file } = stage.action;
    const rebuild = () => bundleStage({ root, file, home });
    const identity = { path: join(root, file), bundler };
    const known = recallBundle(memo, look, identity);
    if (known !== undefined) {
      const path = copyOf(known.hash, packagesFolder);
      if (existsSync(path)) return ok({ file, ...known, path, rebuild });
    }
    const built = await rebuild();
    if (!built.ok) return built;
    const { hash, packages } = built.value;
    rememberBundle(memo, identity, { bundle: built.value, root, home, startedMs, before });
    try {
      return ok({ file, hash, packages, path: materialise(built.value, packagesFolder), rebuild });
    } catch (error) {
      return err(writeFault(error, join(packagesFolder, 'node_modules', '.cache')));
    }
  };
  const bundled = await Promise.all(stages.map(bundleOne));
  await endBundler();
  return bundled;
}

async function describeAll(ready: readonly Ready[], options: PrepareOptions): Promise<readonly Described[]> {
  const { memo, installation } = options;
  const kind = `description ${basename(installation.built)}`;
  const unknown = ready.filter(({ hash }) => memo.get(kind, hash) === undefined);
  const read =
    unknown.length === 0
      ? []
      : await describeBundles(
          unknown.map(({ path }) => path),
          installation,
        );
  const fresh = new Map(unknown.map(({ hash }, at) => [hash, read[at] ?? err('it ended the process that read it')]));
  return ready.map(({ hash }) => {
    const described = fresh.get(hash);
    if (described === undefined) return ok(memo.get<JsonObject>(kind, hash) as unknown as StageDescription);
    if (described.ok) memo.set(kind, hash, described.value as unknown as JsonObject);
    return described;
  });
}

interface Known {
  readonly bundle: Ready;
  readonly described: Described | undefined;
}

async function toCode(
  stage: Stage,
  { bundle, described }: Known,
  options: PrepareOptions,
): Promise<Result<StageCode, readonly Failure[]>> {
  if (described === undefined || !described.ok) {
    const problem = described?.failure ?? 'it ended while it was read';
    return err([failure('STAGE_BAD_EXPORT', { file: bundle.file, problem })]);
  }
  const description = described.value;
  const key = sha256(`${bundle.hash} ${canonicalJson(stage.params)}`);
  const known = options.memo.get<JsonObject>('params', key);
  if (known !== undefined) return ok({ kind: 'module', ...bundle, description, params: known });
  const { validateParams } = await import('../config/validate.ts');
  const checked = validateParams(description.paramsSchema, stage.params, await paramsLocator(stage, options));
  if (checked.failures.length > 0)
    return err(checked.failures.map((fault) => withPrefix(fault, `${stage.name}.params`)));
  options.memo.set('params', key, checked.params);
  return ok({ kind: 'module', ...bundle, description, params: checked.params });
}

async function paramsLocator(stage: Stage, options: PrepareOptions): Promise<Locator> {
  const base = ['stages', stage.name, 'params'] as const;
  const locator = await options.locator();
  return {
    placeOf: (path) => locator.placeOf([...base, ...path]),
    placeOfKey: (path) => locator.placeOfKey([...base, ...path]),
  };
}

/** Params are checked on their own, but told by their whole path. */
function withPrefix(fault: Failure, prefix: string): Failure {
  if (!('path' in fault.fields)) return fault;
  const path = fault.fields.path === '' ? prefix : `${prefix}.${fault.fields.path}`;
  return { ...fault, fields: { ...fault.fields, path } } as Failure;
}

/** A missing file is told where pipeline.yaml names it; a fault inside a file where it is in that file. */
async function located(fault: Failure, stage: Stage, options: PrepareOptions): Promise<Failure> {
  if (fault.code === 'STATE_FULL' || fault.code === 'STATE_WRITE') return fault;
  const at = fault.at ?? (await options.locator()).placeOf(['stages', stage.name, 'run']);
  return at === undefined ? fault : { ...fault, at };
}
