import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { openMemo } from '../cache/memo.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { failure } from '../domain/failure.ts';
import { retrainedLine } from '../registry/retrain-facts.ts';
import { openExistingRunLog } from '../runlog/open.ts';
import { writeFault } from '../runner/write-fault.ts';
import type { Installation, Io } from './io.ts';
import { foldersOf, refuse } from './project.ts';
import { recallProject } from './recall-project.ts';
import { ask, type Call, fail, type RetrainOptions, readWish, skip } from './retrain/call.ts';
import { hasUnjudgedWindow, type Judging, judgeWindows, judgingFailed } from './retrain/judge.ts';
import { retrain } from './retrain/run.ts';

/** `mlloop retrain`: decides from the log, and where it is worth it makes a run that learns from the feedback there is. */
export async function retrainVerb(options: RetrainOptions, io: Io, installation: Installation): Promise<ExitCode> {
  const wish = readWish(options);
  if (!wish.ok) return refuse(io, [wish.failure]);
  const folders = foldersOf(options, io);
  const memo = openMemo(folders.state.memo);
  const project = await recallProject(folders.root, options, { memo, installation });
  if (!project.ok) return refuse(io, project.failure);
  const call: Call = { options, io, installation, folders, project: project.value, memo, ...wish.value };
  const { database } = folders.state;
  if (!existsSync(database)) {
    if (options.bootstrap !== true)
      return refuse(io, [failure('RETRAIN_NO_STATE', { file: relative(io.cwd, database) })]);
    return retrain(call);
  }
  const judged = await judgeFirst(call);
  const opened = openExistingRunLog(database);
  if (!opened.ok || opened.value === undefined) return refuse(io, opened.ok ? [] : [opened.failure]);
  const log = opened.value;
  try {
    if (judged.exitCode !== EXIT.done) return fail(call, log, { ...judged, reason: judgingFailed(judged) });
    const question = ask(call, log);
    if (question.answer.decision.verdict === 'skipped') {
      memo.save();
      return skip(call, log, question);
    }
  } catch (error) {
    return refuse(io, [writeFault(error, folders.state.folder)]);
  } finally {
    log.close();
  }
  return retrain(call);
}

/** Drift that nobody has looked for yet is no drift to any rule; who asks for a retraining anyway has it looked for by that. */
async function judgeFirst(call: Call): Promise<Judging> {
  const nothing: Judging = { exitCode: EXIT.done, run: undefined };
  if (call.asked !== 'if_needed') return nothing;
  const opened = openExistingRunLog(call.folders.state.database);
  // Whoever goes on finds the log as unreadable, and says so.
  if (!opened.ok || opened.value === undefined) return nothing;
  const log = opened.value;
  const line = retrainedLine(log, call.project.pipeline.name, call.options.profile);
  const waits = hasUnjudgedWindow(call, log, line);
  log.close();
  return waits ? judgeWindows(call) : nothing;
}
