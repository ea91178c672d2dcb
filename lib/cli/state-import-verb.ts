import { cpSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { openStore } from '../cache/store.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { MANIFEST, type StateManifest } from '../exchange/manifest.ts';
import { unpack } from '../exchange/pack.ts';
import { readState } from '../exchange/read-state.ts';
import { adoptState } from '../exchange/take-state.ts';
import { writeFault } from '../runner/write-fault.ts';
import { sweepTemporaries, temporaryBeside } from '../util/fs-atomic.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { CommonOptions, Io } from './io.ts';
import { obtainLock } from './obtain-lock.ts';
import { pipelineName } from './pipeline-name.ts';
import { foldersOf, refuse } from './project.ts';

export interface StateImportOptions extends CommonOptions {
  readonly json?: boolean;
  readonly wait?: boolean;
}

/** `mlloop state import FILE.tar|DIR`: checks an exported state and takes it over. */
export async function stateImportVerb(from: string, options: StateImportOptions, io: Io): Promise<ExitCode> {
  const { root, state } = foldersOf(options, io);
  const path = resolve(io.cwd, from);
  if (!existsSync(path)) {
    return refuse(io, [failure('STATE_FOREIGN', { from, problem: 'there is no such file or folder' })]);
  }
  // Beside the store, so that what is checked can be moved into it.
  const temporary = temporaryBeside(join(state.folder, 'import'));
  try {
    mkdirSync(temporary, { recursive: true });
    sweepTemporaries(state.folder, 0);
    const shown = relative(io.cwd, path) || '.';
    const laidOut = await layOut(path, temporary, shown);
    if (!laidOut.ok) return refuse(io, [laidOut.failure]);
    const read = await readState(temporary, { shown, pipeline: pipelineName(root) });
    if (!read.ok) return refuse(io, [read.failure]);
    const lock = await obtainLock({ state, wait: options.wait ?? false }, io);
    if (!lock.ok) return refuse(io, [lock.failure]);
    try {
      if (existsSync(state.database)) return refuse(io, [failure('STATE_TAKEN', { folder: state.folder })]);
      const target = { state: state.folder, store: openStore(state.objects) };
      const taken = await adoptState(temporary, read.value, target);
      if (!taken.ok) return refuse(io, [taken.failure]);
      io.stdout(options.json ? asJson(read.value, taken.value) : takenText(read.value));
      return EXIT.done;
    } finally {
      lock.value.release();
    }
  } catch (error) {
    return refuse(io, [writeFault(error, state.folder)]);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** A copy of what is to be imported: nobody else writes to it while it is checked. */
async function layOut(path: string, folder: string, shown: string): Promise<Result<undefined, Failure>> {
  if (statSync(path).isDirectory()) {
    if (!existsSync(join(path, MANIFEST))) {
      return err(failure('STATE_FOREIGN', { from: shown, problem: `it has no ${MANIFEST}` }));
    }
    cpSync(path, folder, { recursive: true, dereference: true });
    return ok(undefined);
  }
  const unpacked = await unpack(path, folder);
  return unpacked.ok
    ? unpacked
    : err(failure('STATE_FAULTS', { from: shown, faults: [`it cannot be unpacked: ${unpacked.failure}`] }));
}

const asJson = ({ name, pipeline, lastRun, rows, at }: StateManifest, taken: object): string =>
  `${JSON.stringify({ name, pipeline, lastRun, rows, at, ...taken }, undefined, 2)}\n`;

function takenText({ name, pipeline, lastRun, rows, at }: StateManifest): string {
  const runs = lastRun === null ? 'no runs' : `runs up to ${lastRun.run}`;
  const counts = `${rows['model_version']} model versions, ${rows['prediction']} predictions, ${rows['label']} labels`;
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return `The state of ${pipeline} on '${name}', of ${when} UTC, goes on here: ${runs}, ${counts}.\n`;
}
