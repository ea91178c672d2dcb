import { orRaise } from '../../lib/domain/raised.ts';
import { startAttempt } from '../../lib/runlog/attempts.ts';
import { openRunLog, type RunLog } from '../../lib/runlog/open.ts';
import { insertVersion } from '../../lib/runlog/registry.ts';
import { insertRun, nextRun } from '../../lib/runlog/runs.ts';

/** Puts a run on record under its number. */
export function insertRunAt(log: RunLog, run: number, stage = 'make'): void {
  insertRun(log, run, {
    parent: undefined,
    round: 0,
    trigger: 'manual',
    verb: 'run',
    pipeline: 'digits',
    profile: undefined,
    overrides: {},
    seed: 1,
    git: undefined,
    host: 'here',
    pid: 1,
    versions: {},
    params: { [stage]: { a: { b: 1 }, list: [1, 2], text: 'x' } },
    startedAt: 1000,
    pipelineText: 'name: digits\n',
  });
}

/** A log with one run and one attempt of a stage in it. */
export function logWithAttempt(
  file: string,
  stage = 'make',
): { readonly log: RunLog; readonly run: number; readonly attempt: number } {
  const log = orRaise(openRunLog(file));
  const run = nextRun(log);
  insertRunAt(log, run, stage);
  const attempt = startAttempt(log, {
    run,
    stage,
    number: 1,
    key: 'k',
    keyParts: {},
    why: 'first time',
    startedAt: 1000,
    log: undefined,
    code: undefined,
    mark: 'm',
  });
  return { log, run, attempt };
}

/** The same with version 1 of the line `digits`, which that attempt made. */
export function logWithVersion(file: string): ReturnType<typeof logWithAttempt> {
  const made = logWithAttempt(file);
  const { log, attempt } = made;
  const version = {
    line: 'digits',
    version: 1,
    hash: 'a'.repeat(64),
    folder: 'f',
    metrics: {},
    from: { attempt },
    at: 0,
  };
  insertVersion(log, version);
  return made;
}
