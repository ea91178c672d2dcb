import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Effect } from '../domain/effects.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { Questions, ReadName } from '../domain/questions.ts';
import type { StageRecord } from '../domain/records.ts';
import type { Progress, RunnerMessage, StageMessage, Usage } from '../domain/stage.ts';
import { isStageMessage } from '../domain/stage-message.ts';
import { formatDuration } from '../util/duration.ts';
import { endGroup } from './process-group.ts';

/** What happened in a stage's process. */
export interface StageOutcome {
  /** Undefined when the stage did all it had to. */
  readonly failure: Failure | undefined;
  readonly effects: readonly Effect[];
  /** Why the stage wants a follow-up run; undefined when it does not. */
  readonly next: string | undefined;
  readonly usage: Usage | undefined;
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}

export interface StageProcessOptions {
  readonly hostFile: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly start: Extract<RunnerMessage, { readonly type: 'start' }>;
  readonly logFile: string;
  readonly timeoutMs: number | undefined;
  readonly inspect: boolean;
  readonly signal: AbortSignal;
  readonly answer: (name: ReadName, input: Questions[ReadName]['input']) => Promise<unknown>;
  readonly onPid: (pid: number) => void;
  readonly onProgress: (progress: Progress) => void;
  readonly onRecord: (record: StageRecord) => void;
  readonly onLog: (text: string, level: 'info' | 'warning') => void;
}

/** Forks the stage's process, speaks with it until it is gone, and kills its whole group where it has to. */
export function runStageProcess(options: StageProcessOptions): Promise<StageOutcome> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'w');
  const child = fork(options.hostFile, [], {
    cwd: options.cwd,
    env: options.env,
    execArgv: ['--enable-source-maps', ...(options.inspect ? ['--inspect-brk'] : [])],
    // The group is the stage's own, so that whatever it starts can be ended with it.
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', log, log, 'ipc'],
  });
  if (child.pid !== undefined) options.onPid(child.pid);
  const conversation = converse(child, log, options);
  return new Promise((resolve) => {
    const stop = stopOnDemand(child, conversation, options);
    child.once('error', (error) => {
      conversation.failWith(failure('STAGE_THREW', { message: error.message, stack: error.stack ?? '' }));
    });
    child.once('close', (exitCode, signal) => {
      stop();
      closeSync(log);
      // Whatever the stage started and left behind ends with it.
      if (child.pid !== undefined) endGroup(child.pid, 'SIGKILL');
      resolve(conversation.outcome(exitCode, signal));
    });
  });
}

interface Conversation {
  failWith(fault: Failure): void;
  outcome(exitCode: number | null, signal: NodeJS.Signals | null): StageOutcome;
}

function converse(child: ChildProcess, log: number, options: StageProcessOptions): Conversation {
  const effects: Effect[] = [];
  let next: string | undefined;
  let usage: Usage | undefined;
  let isDone = false;
  let fault: Failure | undefined;
  const send = (message: RunnerMessage): void => {
    // A child that is gone needs no answer; its end is told by 'close'.
    if (child.connected) child.send(message, () => undefined);
  };
  const handle = (message: StageMessage): void => {
    switch (message.type) {
      case 'ready':
        return send(options.start);
      case 'log':
        writeSync(log, `${message.level === 'warning' ? 'warning: ' : ''}${message.text}\n`);
        if (message.level !== 'detail') options.onLog(message.text, message.level);
        return;
      case 'progress':
        return options.onProgress(message.progress);
      case 'record':
        return options.onRecord(message.record);
      case 'effect':
        effects.push(message.effect);
        return;
      case 'next':
        next = message.reason;
        return;
      case 'ask':
        return reply(message, { send, options });
      case 'done':
        usage = message.usage;
        isDone = true;
        return;
      case 'failed':
        usage = message.usage;
        fault ??= message.failure;
    }
  };
  child.on('message', (message: unknown) => {
    if (isStageMessage(message)) return handle(message);
    fault ??= failure('STAGE_GARBAGE', { seen: JSON.stringify(message)?.slice(0, 120) ?? String(message) });
    if (child.pid !== undefined) endGroup(child.pid, 'SIGKILL');
  });
  return {
    failWith: (reason) => {
      fault ??= reason;
    },
    outcome: (exitCode, signal) => ({
      failure: fault ?? (isDone ? undefined : endedEarly(exitCode, signal)),
      effects,
      next,
      usage,
      exitCode: exitCode ?? undefined,
      signal: signal ?? undefined,
    }),
  };
}

const endedEarly = (exitCode: number | null, signal: string | null): Failure =>
  signal === null ? failure('STAGE_EXITED', { status: exitCode ?? 0 }) : failure('STAGE_KILLED', { signal });

type Ask = Extract<StageMessage, { readonly type: 'ask' }>;

function reply(
  { id, name, input }: Ask,
  { send, options }: { readonly send: (message: RunnerMessage) => void; readonly options: StageProcessOptions },
): void {
  if (!options.start.reads.includes(name)) {
    send({ type: 'refused', id, failure: failure('STAGE_UNDECLARED_READ', { read: name }) });
    return;
  }
  options.answer(name, input as Questions[ReadName]['input']).then(
    (value) => send({ type: 'answer', id, value }),
    (error: Error) =>
      send({ type: 'refused', id, failure: failure('INTERNAL', { message: error.message, stack: error.stack ?? '' }) }),
  );
}

/** How long a stage may take to end by itself once it is asked to, in milliseconds. */
const GRACE_MS = 5000;

/** Ends the group politely and then firmly, on timeout or when the run is cancelled; returns what undoes the watch. */
function stopOnDemand(child: ChildProcess, conversation: Conversation, options: StageProcessOptions): () => void {
  const timers: NodeJS.Timeout[] = [];
  const stop = (reason: Failure): void => {
    conversation.failWith(reason);
    if (child.pid === undefined) return;
    const { pid } = child;
    endGroup(pid, 'SIGTERM');
    timers.push(setTimeout(() => endGroup(pid, 'SIGKILL'), GRACE_MS));
  };
  const cancel = (): void => stop(failure('STAGE_INTERRUPTED', {}));
  if (options.signal.aborted) cancel();
  options.signal.addEventListener('abort', cancel, { once: true });
  const { timeoutMs } = options;
  if (timeoutMs !== undefined) {
    const limit = formatDuration(timeoutMs);
    timers.push(setTimeout(() => stop(failure('STAGE_TIMED_OUT', { limit })), timeoutMs));
  }
  return () => {
    options.signal.removeEventListener('abort', cancel);
    for (const timer of timers) clearTimeout(timer);
  };
}
