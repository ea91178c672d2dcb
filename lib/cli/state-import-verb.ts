import { cpSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { openStore } from '../cache/store.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { MANIFEST } from '../exchange/manifest.ts';
import { unpack } from '../exchange/pack.ts';
import { readState } from '../exchange/read-state.ts';
import { type CheckedState, type TakenState, takeState } from '../exchange/take-state.ts';
import { takenText } from '../report/console/taken-state-text.ts';
import type { StateFolder } from '../runner/state.ts';
import { writeFault } from '../runner/write-fault.ts';
import { sweepTemporaries, temporaryBeside } from '../util/fs-atomic.ts';
import { err, ok, type Result } from '../util/result.ts';
import { actorName } from './actor.ts';
import { classesIn } from './classes-in.ts';
import type { CommonOptions, Io } from './io.ts';
import { isCi } from './is-ci.ts';
import { defaultName, saidName } from './log-name.ts';
import { obtainLock } from './obtain-lock.ts';
import { pipelineName } from './pipeline-name.ts';
import { foldersOf, refuse } from './project.ts';

export interface StateImportOptions extends CommonOptions {
  /** What this machine's log is called elsewhere. */
  readonly name?: string;
  /** Whether aliases follow those of the state. */
  readonly promote?: boolean;
  readonly json?: boolean;
  readonly wait?: boolean;
}

/** `mlloop state import FILE.tar|DIR`: checks an exported state and takes it over, or joins it with the one that is here. */
export async function stateImportVerb(from: string, options: StateImportOptions, io: Io): Promise<ExitCode> {
  const { root, state } = foldersOf(options, io);
  const path = resolve(io.cwd, from);
  const said = saidName(options.name);
  if (!said.ok) return refuse(io, [said.failure]);
  if (!existsSync(path)) {
    return refuse(io, [failure('STATE_FOREIGN', { from, problem: 'there is no such file or folder' })]);
  }
  // Beside the store, so that what is checked can be moved into it.
  const folder = temporaryBeside(join(state.folder, 'import'));
  try {
    mkdirSync(folder, { recursive: true });
    sweepTemporaries(state.folder, 0);
    const shown = relative(io.cwd, path) || '.';
    const laidOut = layOut(path, folder, shown);
    if (!laidOut.ok) return refuse(io, [laidOut.failure]);
    const read = await readState(folder, { shown, pipeline: pipelineName(root) });
    if (!read.ok) return refuse(io, [read.failure]);
    const manifest = read.value;
    const name = said.value ?? (isCi(io.env) ? 'ci' : undefined);
    const taken = await takeUnderLock({ folder, manifest }, { ...options, name }, { state, io });
    if (!taken.ok) return refuse(io, [taken.failure]);
    const { files: _, ...about } = manifest;
    io.stdout(
      options.json
        ? `${JSON.stringify({ ...about, ...taken.value }, undefined, 2)}\n`
        : takenText(manifest, taken.value),
    );
    return EXIT.done;
  } catch (error) {
    return refuse(io, [writeFault(error, state.folder)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A copy of what is to be imported: nobody else writes to it while it is checked. */
function layOut(path: string, folder: string, shown: string): Result<undefined, Failure> {
  if (statSync(path).isDirectory()) {
    if (!existsSync(join(path, MANIFEST))) {
      return err(failure('STATE_FOREIGN', { from: shown, problem: `it has no ${MANIFEST}` }));
    }
    cpSync(path, folder, { recursive: true, dereference: true });
    return ok(undefined);
  }
  const unpacked = unpack(path, folder);
  return unpacked.ok
    ? unpacked
    : err(failure('STATE_FAULTS', { from: shown, faults: [`it cannot be unpacked: ${unpacked.failure}`] }));
}

async function takeUnderLock(
  checked: CheckedState,
  { name, promote = false, wait = false }: Omit<StateImportOptions, 'name'> & { readonly name: string | undefined },
  { state, io }: { readonly state: StateFolder; readonly io: Io },
): Promise<Result<TakenState, Failure>> {
  const lock = await obtainLock({ state, wait }, io);
  if (!lock.ok) return lock;
  try {
    return await takeState(
      checked,
      { state: state.folder, store: openStore(state.objects) },
      {
        name,
        defaultName: defaultName(io),
        promote,
        actor: actorName(),
        at: io.clock.now(),
        classesOf: (log) => classesIn(log, state.folder),
      },
    );
  } finally {
    lock.value.release();
  }
}
