import { readdirSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { type Forgotten, forgottenText } from '../report/console/forgotten-text.ts';
import {
  type ForgettablePrediction,
  findForgettable,
  forgetPrediction,
  isForgotten,
  learnedFrom,
  vanish,
} from '../runlog/forget.ts';
import { openExistingRunLog, type RunLog } from '../runlog/open.ts';
import { mayBePast } from '../runlog/past-answers.ts';
import { writeFault } from '../runner/write-fault.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { CommonOptions, Io } from './io.ts';
import { foldersOf, refuse } from './project.ts';

/** `mlloop forget ID…`: takes predictions out of the log, all that are named or none. */
export function forgetVerb(ids: readonly string[], options: CommonOptions, io: Io): ExitCode {
  const { state } = foldersOf(options, io);
  const opened = openExistingRunLog(state.database);
  if (!opened.ok) return refuse(io, [opened.failure]);
  const log = opened.value;
  if (log === undefined) return refuse(io, [failure('FORGET_UNKNOWN', { unknown: ids, past: [], simulated: [] })]);
  try {
    const forgotten = log.atomically(() => forget(log, [...new Set(ids)], io.clock.now()));
    if (!forgotten.ok) return refuse(io, [forgotten.failure]);
    const isGone = vanish(log);
    const copies = backupsOf(state.database).map((file) => relative(io.cwd, file));
    io.stderr(forgottenText(forgotten.value, { isGone, copies, file: relative(io.cwd, state.database) }));
    return EXIT.done;
  } catch (error) {
    return refuse(io, [writeFault(error, state.folder)]);
  } finally {
    log.close();
  }
}

function forget(log: RunLog, ids: readonly string[], at: number): Result<readonly Forgotten[], Failure> {
  const found: ForgettablePrediction[] = [];
  const [unknown, past]: [string[], string[]] = [[], []];
  const before: Forgotten[] = [];
  for (const id of ids) {
    const known = findForgettable(log, id);
    if (known !== undefined) found.push(known);
    else if (isForgotten(log, id))
      before.push({ id, line: null, isKnown: true, hasInput: false, labels: 0, learned: undefined });
    else (mayBePast(log, id) ? past : unknown).push(id);
  }
  const simulated = found.filter((one) => one.simulated).map(({ id }) => id);
  if (unknown.length + past.length + simulated.length > 0)
    return err(failure('FORGET_UNKNOWN', { unknown, past, simulated }));
  const now = found.map((one): Forgotten => {
    const { id, line, hasInput, labels } = one;
    const learned = learnedFrom(log, one);
    forgetPrediction(log, one, at);
    return { id, line, isKnown: false, hasInput, labels, learned };
  });
  return ok([...now, ...before]);
}

/** Copies of the log from before its schema changed. */
function backupsOf(database: string): string[] {
  const folder = dirname(database);
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(database)}.before-`))
    .sort()
    .map((name) => `${folder}/${name}`);
}
