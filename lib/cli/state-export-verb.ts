import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { openStore } from '../cache/store.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { failure } from '../domain/failure.ts';
import type { StateManifest } from '../exchange/manifest.ts';
import { isArchive, pack } from '../exchange/pack.ts';
import { writeState } from '../exchange/write-state.ts';
import { heldText } from '../report/console/taken-state-text.ts';
import { logFacts } from '../runlog/copy-log.ts';
import { keptRuns } from '../runlog/keep.ts';
import type { RunLog } from '../runlog/open.ts';
import { ownName, setOwnName } from '../runlog/run-name.ts';
import { counted } from '../util/counted.ts';
import { formatBytes } from '../util/format-bytes.ts';
import { temporaryBeside } from '../util/fs-atomic.ts';
import { isFree } from './free-folder.ts';
import type { CommonOptions, Io } from './io.ts';
import { defaultName, saidName } from './log-name.ts';
import { pipelineName } from './pipeline-name.ts';
import { type Folders, foldersOf, refuse } from './project.ts';
import { targetFault } from './target-fault.ts';
import { underLock } from './under-lock.ts';

export interface StateExportOptions extends CommonOptions {
  /** What this machine's log is called elsewhere. */
  readonly name?: string;
  /** How many of the last runs come with their outs. */
  readonly runs?: number;
  readonly json?: boolean;
  readonly wait?: boolean;
}

/** `mlloop state export FILE.tar|DIR`: the log and what is needed of artifacts/, to go on with elsewhere. */
export async function stateExportVerb(into: string, options: StateExportOptions, io: Io): Promise<ExitCode> {
  const target = resolve(io.cwd, into);
  const isFile = isArchive(target);
  // An export of the same name is renewed; nothing else is ever written over.
  if (!isFile && !isFree(target)) return refuse(io, [failure('STATE_TARGET', { target: into || '.' })]);
  const said = saidName(options.name);
  if (!said.ok) return refuse(io, [said.failure]);
  const folders = foldersOf(options, io);
  return underLock({ state: folders.state, wait: options.wait ?? false }, io, async (log) => {
    const name = said.value ?? ownName(log) ?? defaultName(io);
    setOwnName(log, name);
    const temporary = temporaryBeside(target);
    try {
      mkdirSync(temporary, { recursive: true });
      const manifest = await fill(temporary, { log, folders, name, runs: options.runs ?? 1, io });
      if (isFile) await pack(temporary, target);
      else renameSync(temporary, target);
      const shown = relative(io.cwd, target) || '.';
      io.stdout(options.json ? asJson(shown, manifest) : exportedText(shown, manifest));
      return EXIT.done;
    } catch (error) {
      return refuse(io, [targetFault(error, { target: into, cwd: io.cwd, state: folders.state.folder })]);
    } finally {
      if (existsSync(temporary)) rmSync(temporary, { recursive: true });
    }
  });
}

interface Filling {
  readonly log: RunLog;
  readonly folders: Folders;
  readonly name: string;
  readonly runs: number;
  readonly io: Io;
}

function fill(folder: string, { log, folders, name, runs, io }: Filling): Promise<StateManifest> {
  const { state, root } = folders;
  const at = io.clock.now();
  return writeState(folder, {
    log,
    state: state.folder,
    store: openStore(state.objects),
    kept: keptRuns(log, { runs, days: 0 }, at),
    name,
    pipeline: logFacts(log).pipeline ?? pipelineName(root) ?? 'unknown',
    at,
  });
}

const asJson = (file: string, { files, ...manifest }: StateManifest): string =>
  `${JSON.stringify({ file, ...manifest, ...totals(files) }, undefined, 2)}\n`;

const totals = (files: StateManifest['files']): { readonly files: number; readonly bytes: number } => ({
  files: Object.keys(files).length,
  bytes: Object.values(files).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
});

function exportedText(file: string, manifest: StateManifest): string {
  const { name, pipeline } = manifest;
  const { files, bytes } = totals(manifest.files);
  const held = heldText(manifest);
  return `${file} is the state of ${pipeline} on '${name}': ${held}; ${counted(files, 'file')}, ${formatBytes(bytes)}.\n`;
}
