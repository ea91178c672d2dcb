import { type ChildProcess, fork } from 'node:child_process';
import type { Effect } from '../domain/effects.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { Questions, ReadName } from '../domain/questions.ts';
import type { StageRecord } from '../domain/records.ts';
import type { Progress, RunnerMessage, StageMessage, Usage } from '../domain/stage.ts';
import { isStageMessage } from '../domain/stage-message.ts';
import type { Redactor } from '../util/redact.ts';
import type { AttemptMemo } from './attempt-memo.ts';
import { endGroup } from './process-tree.ts';
import type { StageLog } from './stage-log.ts';
import { watchToStop } from './stop.ts';

/** What happened in a stage's process. */
export interface StageOutcome {
  /** Undefined when the stage did all it had to. */
  readonly failure: Failure | undefined;
  readonly effects: readonly Effect[];
  /** Path deps that were absent and that the stage filled itself. */
  readonly fetched: readonly string[];
  /** Digest of every read it asked for, as it was when it was answered. */
  readonly asked: Readonly<Partial<Record<ReadName, string>>>;
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
  readonly log: StageLog;
  readonly redactor: Redactor;
  readonly mark: string;
  readonly timeoutMs: number | undefined;
  readonly inspect: boolean;
  readonly signal: AbortSignal;
  readonly answer: (name: ReadName, input: Questions[ReadName]['input']) => Promise<{ value: unknown; digest: string }>;
  readonly onPid: (pid: number) => void;
  readonly memo: AttemptMemo;
  readonly onProgress: (progress: Progress) => void;
  readonly onRecord: (record: StageRecord) => void;
  readonly onLog: (text: string, level: 'info' | 'warning') => void;
}

/** Forks the stage's process, speaks with it until it is gone, and kills its whole group where it has to. */
export function runStageProcess(options: StageProcessOptions): Promise<StageOutcome> {
  const { log, inspect, mark, timeoutMs, signal } = options;
  const printed = log.target ?? 'pipe';
  const child = fork(options.hostFile, [], {
    cwd: options.cwd,
    env: options.env,
    execArgv: inspect ? ['--inspect-brk'] : [],
    // The group is the stage's own, so that whatever it starts can be ended with it.
    detached: true,
    serialization: 'advanced',
    // A debugger says on stderr where it listens.
    stdio: ['ignore', printed, inspect ? 'inherit' : printed, 'ipc'],
  });
  log.follow(child.stdout);
  log.follow(child.stderr);
  if (child.pid !== undefined) options.onPid(child.pid);
  const conversation = converse(child, options);
  return new Promise((resolve) => {
    const onStop = (reason: Failure): void => {
      conversation.failWith(reason);
      conversation.cancel();
    };
    const watch = watchToStop({ pid: child.pid, mark, timeoutMs, signal, onStop });
    child.once('error', (error) => {
      conversation.failWith(failure('STAGE_THREW', { message: error.message, stack: error.stack ?? '' }));
    });
    // What it left behind may hold its streams open, so that is ended first.
    child.once('exit', () => watch.end());
    child.once('close', (exitCode, ending) => resolve(conversation.outcome(exitCode, ending)));
  });
}

interface Conversation {
  failWith(fault: Failure): void;
  /** Tells the stage that it is to end. */
  cancel(): void;
  outcome(exitCode: number | null, signal: NodeJS.Signals | null): StageOutcome;
}

function converse(child: ChildProcess, options: StageProcessOptions): Conversation {
  const { log, redactor } = options;
  const fetched: string[] = [];
  const asked: Partial<Record<ReadName, string>> = {};
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
        log.line(`${message.level === 'warning' ? 'warning: ' : ''}${message.text}`);
        if (message.level !== 'detail') options.onLog(message.text, message.level);
        return;
      case 'progress':
        return options.onProgress(message.progress);
      case 'record':
        return options.onRecord(message.record);
      case 'recall':
        return send({ type: 'answer', id: message.id, value: options.memo.recall(message, message.inputs) });
      case 'remember':
        return options.memo.remember(message, message.input, message.value);
      case 'effect':
        effects.push(message.effect);
        return;
      case 'fetched':
        fetched.push(message.dep);
        return;
      case 'next':
        next = message.reason;
        return;
      case 'ask':
        return reply(message, { send, options, asked });
      case 'done':
        usage = message.usage;
        isDone = true;
        return;
      case 'failed':
        usage = message.usage;
        fault ??= message.failure;
        if (message.failure.code === 'STAGE_THREW') log.line((message.failure as Failure<'STAGE_THREW'>).fields.stack);
    }
  };
  child.on('message', (message: unknown) => {
    if (isStageMessage(message)) return handle(redactor.value(message));
    fault ??= failure('STAGE_GARBAGE', { seen: JSON.stringify(message)?.slice(0, 120) ?? String(message) });
    if (child.pid !== undefined) endGroup(child.pid, 'SIGKILL');
  });
  return {
    failWith: (reason) => {
      fault ??= reason;
    },
    cancel: () => send({ type: 'cancel' }),
    outcome: (exitCode, signal) => ({
      failure: fault ?? (isDone ? undefined : endedEarly(exitCode, signal)),
      effects,
      fetched,
      asked,
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

interface Replying {
  readonly send: (message: RunnerMessage) => void;
  readonly options: StageProcessOptions;
  readonly asked: Partial<Record<ReadName, string>>;
}

function reply({ id, name, input }: Ask, { send, options, asked }: Replying): void {
  if (!options.start.reads.includes(name)) {
    send({ type: 'refused', id, failure: failure('STAGE_UNDECLARED_READ', { read: name }) });
    return;
  }
  options.answer(name, input as Questions[ReadName]['input']).then(
    ({ value, digest }) => {
      asked[name] = digest;
      send({ type: 'answer', id, value });
    },
    (error: Error) =>
      send({ type: 'refused', id, failure: failure('INTERNAL', { message: error.message, stack: error.stack ?? '' }) }),
  );
}
