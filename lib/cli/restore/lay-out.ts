import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore, type Store } from '../../cache/store.ts';
import { loadPipelineText, PIPELINE_FILE } from '../../config/load.ts';
import { settleYaml } from '../../config/settle.ts';
import { type Failure, failure } from '../../domain/failure.ts';
import type { Stage } from '../../domain/pipeline.ts';
import { layOutVersion } from '../../registry/lay-out-version.ts';
import { linkAlias } from '../../registry/version-folder.ts';
import { openRunLog, type RunLog } from '../../runlog/open.ts';
import { allAliases, registeredVersion, type VersionRow } from '../../runlog/registry.ts';
import { copyHistory, keepOnly, type RecordedRun, type StandingStage, standingAt } from '../../runlog/restore.ts';
import { showOut } from '../../runner/links.ts';
import { copyObject, copyPaths } from '../../runner/restore-data.ts';
import { type StateFolder, stateFolder } from '../../runner/state.ts';
import type { Sha256 } from '../../util/hash.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { Folders } from '../project.ts';
import { headerOf } from './header.ts';
import { layOutStages } from './stage-files.ts';

export interface LayOutOptions {
  readonly log: RunLog;
  readonly folders: Folders;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The version that was asked for; undefined when it was a run. */
  readonly version: VersionRow | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface LaidOut {
  readonly stages: number;
  readonly objects: number;
  /** Paths that stages read, relative to the folder. */
  readonly places: readonly string[];
  /** 'digits v3'. */
  readonly models: readonly string[];
  readonly notes: readonly string[];
}

/** Fills an empty folder with a run: pipeline.yaml, its stages' code, what they read and made, its log, its models. */
export async function layOutRun(
  recorded: RecordedRun,
  folder: string,
  options: LayOutOptions,
): Promise<Result<LaidOut, readonly Failure[]>> {
  const { log, folders, home, env } = options;
  const { run, text } = recorded;
  if (text === null) return err([impossible(run, 'its pipeline.yaml was not recorded')]);
  const profile = recorded.profile ?? undefined;
  const overrides = Object.entries(recorded.overrides).map(([path, value]) => `${path}=${value}`);
  const loaded = loadPipelineText(text, { profile, overrides });
  if (!loaded.ok) return loaded;
  const { stages } = loaded.value.pipeline;
  const standing = new Map(standingAt(log, run).map((one) => [one.stage, one]));
  const state = stateFolder(folder);
  const store = openStore(folders.state.objects);
  const objects = await copyObjects(stages, standing, { from: store, to: openStore(state.objects) });
  const models = await layOutLog(run, { ...options, state, store, hashes: objects.hashes });
  const missing = [...objects.missing, ...models.missing];
  if (missing.length > 0) return err([failure('RESTORE_MISSING', { run, missing })]);
  const paths = await copyPaths(stages, standing, { root: folders.root, env, folder });
  const code = await layOutStages(stages, {
    standing,
    store,
    root: folders.root,
    home,
    folder,
    taken: paths.places,
  });
  const settled = settleYaml(text, { profile, overrides: recorded.overrides, files: code.files });
  if (!settled.ok) return err([settled.failure]);
  const notes = [...paths.notes, ...code.notes];
  writeFileSync(join(folder, PIPELINE_FILE), `${headerOf(recorded, notes)}${settled.value}`);
  showOuts(stages, standing, state);
  const { places } = paths;
  return ok({ stages: stages.length, objects: objects.hashes.length, places, models: models.names, notes });
}

const impossible = (run: number, why: string): Failure => failure('RESTORE_IMPOSSIBLE', { run, why });

interface Stores {
  readonly from: Store;
  readonly to: Store;
}

/** Copies the outs and the code of every stage; tells by name what cannot be had. */
async function copyObjects(
  stages: readonly Stage[],
  standing: ReadonlyMap<string, StandingStage>,
  { from, to }: Stores,
): Promise<{ readonly hashes: readonly Sha256[]; readonly missing: readonly string[] }> {
  const named = new Map<Sha256, string>();
  for (const { name } of stages) {
    const stage = standing.get(name);
    for (const out of stage?.outs ?? []) named.set(out.hash, `${name}.${out.name}`);
    if (stage?.code) named.set(stage.code, `the code of ${name}`);
  }
  const missing: string[] = [];
  for (const [hash, name] of named) {
    const problem = await copyObject(from, to, hash);
    if (problem !== undefined) missing.push(`${name}, object ${hash.slice(0, 12)}: ${problem}`);
  }
  return { hashes: [...named.keys()], missing };
}

interface LayOutLog extends LayOutOptions {
  readonly state: StateFolder;
  readonly store: Store;
  readonly hashes: readonly Sha256[];
}

/** The log as it was when the run ended, and the folders of the versions that answered then. */
async function layOutLog(
  run: number,
  { log, folders, version, now, state, store, hashes }: LayOutLog,
): Promise<{ readonly names: readonly string[]; readonly missing: readonly string[] }> {
  const opened = openRunLog(state.database);
  if (!opened.ok) throw new Error(`a new log could not be made in ${state.folder}`);
  const target = opened.value;
  try {
    copyHistory(target, { file: log.file, run });
    keepOnly(target, hashes, now);
    const aliases = allAliases(target);
    const rows = aliases.flatMap((alias) => registeredVersion(target, alias.line, alias.version) ?? []);
    const wanted = new Map([...rows, ...(version === undefined ? [] : [version])].map((row) => [row.folder, row]));
    const missing: string[] = [];
    for (const row of wanted.values()) {
      const isThere = await layOutVersion(row, { log, store, from: folders.state.folder, to: state.folder });
      if (!isThere) missing.push(`the model ${row.line} v${row.version}, ${row.folder}`);
    }
    for (const { line, alias, version: number } of missing.length > 0 ? [] : aliases) {
      linkAlias(join(state.artifacts, 'models', line), alias, number);
    }
    return { names: [...wanted.values()].map((row) => `${row.line} v${row.version}`), missing };
  } finally {
    target.close();
  }
}

function showOuts(
  stages: readonly Stage[],
  standing: ReadonlyMap<string, StandingStage>,
  { artifacts, objects }: StateFolder,
): void {
  const store = openStore(objects);
  for (const { name, outs } of stages) {
    for (const out of standing.get(name)?.outs ?? []) {
      const kind = outs[out.name] ?? 'file';
      showOut(join(artifacts, 'latest'), { stage: name, out: out.name, kind, object: store.pathOf(out.hash) });
    }
  }
}
