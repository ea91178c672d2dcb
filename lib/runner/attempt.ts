import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../domain/failure.ts';
import { type ArtifactUse, type AttemptStatus, setProcess, startAttempt } from '../runlog/attempts.ts';
import { faultPoint } from '../util/fault.ts';
import type { AttemptInputs, Made } from './attempt-inputs.ts';
import { attemptMemo } from './attempt-memo.ts';
import { storeOuts } from './collect-outs.ts';
import { commitAttempt } from './commit.ts';
import { executeStage } from './execute.ts';
import { startOf } from './process-tree.ts';
import { bufferRecords, type RecordBuffer } from './record-buffer.ts';
import type { RunnerContext } from './runner-context.ts';
import { writeFault } from './write-fault.ts';

export interface AttemptResult {
  readonly attempt: number;
  readonly status: AttemptStatus;
  readonly durationMs: number;
  readonly failure: Failure | undefined;
  readonly outs: readonly ArtifactUse[];
  readonly next: string | undefined;
  readonly logFile: string;
  /** Why what it made will not be taken again; undefined when it may be. */
  readonly taint: string | undefined;
}

/** Executes a stage once: in temporary folders, checked, stored, and then on record in one transaction. */
export async function runAttempt(context: RunnerContext, inputs: AttemptInputs): Promise<AttemptResult> {
  const { log, clock, state } = context;
  const { record, stage, key, number, code } = inputs;
  // No stage has a dot in its name.
  const name = number === 1 ? stage.name : `${stage.name}.${number}`;
  const logFile = state.logOf(record.run, name);
  const startedMs = clock.elapsed();
  const mark = randomBytes(8).toString('hex');
  const attempt = record.write(() =>
    startAttempt(log, {
      run: record.run,
      stage: stage.name,
      number,
      key: key.hash,
      keyParts: key.parts,
      why: inputs.why,
      startedAt: clock.now(),
      log: join('artifacts', 'logs', String(record.run), `${name}.log`),
      code: code.kind === 'module' ? code.hash : undefined,
      mark,
    }),
  );
  faultPoint('attempt.recorded');
  const folder = state.temporaryOf(record.run, name);
  const records = bufferRecords(log, attempt);
  const made = await make(context, { ...inputs, attempt, records, folder, logFile, mark });
  faultPoint('attempt.executed');
  const durationMs = clock.elapsed() - startedMs;
  const committed = commitAttempt(context, {
    ...inputs,
    attempt,
    made,
    durationMs,
    records,
    depsNow: await inputs.depsNow(),
  });
  rmSync(folder, { recursive: true, force: true });
  const { failure: fault, status, taint } = committed;
  const next = fault === undefined ? made.outcome.next : undefined;
  return {
    attempt,
    status,
    durationMs,
    failure: fault,
    outs: fault === undefined ? made.outs : [],
    next,
    logFile,
    taint,
  };
}

interface Making extends AttemptInputs {
  readonly attempt: number;
  readonly records: RecordBuffer;
  readonly folder: string;
  readonly logFile: string;
  readonly mark: string;
}

async function make(context: RunnerContext, making: Making): Promise<Made> {
  const { stage, records, attempt } = making;
  const executed = await executeStage(context, {
    ...making,
    onPid: (pid) => notePid(context, attempt, pid),
    memo: attemptMemo({
      log: context.log,
      attempt,
      parts: making.key.parts,
      deps: making.deps,
      now: context.clock.now,
    }),
    onRecord: (record) => records.add(record),
  });
  const { outcome, failure: fault } = executed;
  if (fault !== undefined) return { outcome, failure: fault, outs: [] };
  try {
    faultPoint('outs.checked');
    return { outcome, failure: undefined, outs: await storeOuts(context.store, executed.outs, stage.outs) };
  } catch (error) {
    return { outcome, failure: writeFault(error, context.state.folder), outs: [] };
  }
}

/** Lets the next start find the process, should this one die. A disk without room is told when the attempt ends. */
function notePid({ log, state }: RunnerContext, attempt: number, pid: number): void {
  try {
    setProcess(log, attempt, { pid, started: startOf(pid) });
  } catch (error) {
    writeFault(error, state.folder);
  }
}
