import { type Failure, failure } from '../domain/failure.ts';
import { openExistingRunLog, type RunLog } from '../runlog/open.ts';
import { err, ok, type Result } from '../util/result.ts';

/** Opens the log for whoever needs answers in it; fails where there is none yet. */
export function openLiveLog(database: string): Result<RunLog, Failure> {
  const opened = openExistingRunLog(database);
  if (!opened.ok) return opened;
  if (opened.value !== undefined) return ok(opened.value);
  const next = 'Deploy a model with: npm run pipeline';
  return err(failure('USAGE', { problem: 'Nothing has been predicted here yet.', next }));
}
