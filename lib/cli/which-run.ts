import { type Failure, failure } from '../domain/failure.ts';
import type { RunLog } from '../runlog/open.ts';
import { runsCalled } from '../runlog/run-name.ts';
import { uidOf } from '../runlog/runs.ts';
import { err, ok, type Result } from '../util/result.ts';

/** The run somebody means, by its number, as `ci:41` or by its global id; undefined where there is none. */
export function whichRun(log: RunLog, name: string): Result<number | undefined, Failure> {
  const ids = runsCalled(log, name);
  if (ids.length <= 1) return ok(ids[0]);
  return err(failure('RUNLOG_WHICH_RUN', { run: name, uids: ids.map((id) => uidOf(log, id)) }));
}
