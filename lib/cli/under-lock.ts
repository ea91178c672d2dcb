import type { ExitCode } from '../domain/exit-code.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { openExistingRunLog, type RunLog } from '../runlog/open.ts';
import { cancelAtOnce, clearLeftovers } from '../runner/leftovers.ts';
import type { StateFolder } from '../runner/state.ts';
import { writeFault } from '../runner/write-fault.ts';
import type { Io } from './io.ts';
import { obtainLock } from './obtain-lock.ts';
import { refuse } from './project.ts';

export interface LockedOptions {
  readonly state: StateFolder;
  readonly wait: boolean;
  /** Whether what a run that died left behind stays, so that nothing at all is changed. */
  readonly keepLeftovers?: boolean;
}

/** Does something with the log while no run is at work in the folder; a log that is not there yet is a failure. */
export async function underLock(
  { state, wait, keepLeftovers = false }: LockedOptions,
  io: Io,
  work: (log: RunLog) => Promise<ExitCode>,
): Promise<ExitCode> {
  const lock = await obtainLock({ state, wait }, io);
  if (!lock.ok) return refuse(io, [lock.failure]);
  try {
    const opened = openExistingRunLog(state.database);
    if (!opened.ok) return refuse(io, [opened.failure]);
    if (opened.value === undefined) return refuse(io, [NO_RUNS]);
    const log = opened.value;
    io.onAtOnce(() => cancelAtOnce(log, io.clock.now()));
    try {
      if (!keepLeftovers) clearLeftovers(log, { state, at: io.clock.now() });
      return await work(log);
    } finally {
      log.close();
    }
  } catch (error) {
    return refuse(io, [writeFault(error, state.folder)]);
  } finally {
    lock.value.release();
  }
}

const NO_RUNS: Failure = failure('USAGE', {
  problem: 'There are no runs on record yet.',
  next: 'Make one with: npm run pipeline',
});
