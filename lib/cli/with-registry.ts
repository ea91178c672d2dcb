import { openStore } from '../cache/store.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { Registry } from '../registry/mend.ts';
import { openExistingRunLog } from '../runlog/open.ts';
import { writeFault } from '../runner/write-fault.ts';
import type { Result } from '../util/result.ts';
import type { CommonOptions, Io } from './io.ts';
import { foldersOf, refuse } from './project.ts';

/** Does something with the registry and writes what comes of it; no lock is taken, every change is one short transaction. */
export async function withRegistry(
  options: CommonOptions,
  io: Io,
  work: (registry: Registry) => Promise<Result<string, Failure>> | Result<string, Failure>,
): Promise<ExitCode> {
  const { state } = foldersOf(options, io);
  const opened = openExistingRunLog(state.database);
  if (!opened.ok) return refuse(io, [opened.failure]);
  const log = opened.value;
  if (log === undefined) return refuse(io, [failure('REGISTRY_EMPTY', {})]);
  try {
    const text = await work({ log, state: state.folder, store: openStore(state.objects) });
    if (!text.ok) return refuse(io, [text.failure]);
    io.stdout(text.value);
    return EXIT.done;
  } catch (error) {
    return refuse(io, [writeFault(error, state.folder)]);
  } finally {
    log.close();
  }
}
