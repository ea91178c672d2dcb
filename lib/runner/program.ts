import { mkdirSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failure } from '../domain/failure.ts';
import { formatDuration } from '../util/duration.ts';
import type { JsonObject } from '../util/json.ts';
import { endGroup } from './process-group.ts';
import type { StageOutcome } from './stage-process.ts';

export interface ProgramOptions {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
  readonly onPid: (pid: number) => void;
}

export interface Fillings {
  readonly deps: Readonly<Record<string, string | undefined>>;
  readonly outs: Readonly<Record<string, string>>;
  readonly params: JsonObject;
}

/** Fills {deps.NAME}, {outs.NAME} and {params.NAME} into the arguments; what names nothing stays as it is. */
export function fillArguments(argv: readonly string[], fillings: Fillings): string[] {
  return argv.map((argument) =>
    argument.replace(/\{(deps|outs|params)\.([A-Za-z0-9_-]+)\}/g, (whole, area: keyof Fillings, name: string) => {
      const value = fillings[area][name];
      if (value === undefined) return whole;
      return typeof value === 'string' ? value : JSON.stringify(value);
    }),
  );
}

const GRACE_MS = 5000;

/** Runs a program as a stage; what it prints goes to the log. */
export async function runProgram(options: ProgramOptions): Promise<StageOutcome> {
  const { $ } = await import('zx');
  mkdirSync(dirname(options.logFile), { recursive: true });
  const { argv, cwd, env } = options;
  const child = $({
    cwd,
    env: { ...env },
    detached: true,
    nothrow: true,
    quiet: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })`${[...argv]}`;
  const writes: Promise<void>[] = [appendFile(options.logFile, '')];
  const keep = (chunk: Buffer): void => {
    writes.push(appendFile(options.logFile, chunk));
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const pid = child.pid;
  if (pid !== undefined) options.onPid(pid);
  let reason: StageOutcome['failure'];
  const timers: NodeJS.Timeout[] = [];
  const stop = (why: NonNullable<StageOutcome['failure']>): void => {
    reason ??= why;
    if (pid === undefined) return;
    endGroup(pid, 'SIGTERM');
    timers.push(setTimeout(() => endGroup(pid, 'SIGKILL'), GRACE_MS));
  };
  const cancel = (): void => stop(failure('STAGE_INTERRUPTED', {}));
  options.signal.addEventListener('abort', cancel, { once: true });
  const { timeoutMs } = options;
  if (timeoutMs !== undefined) {
    timers.push(setTimeout(() => stop(failure('STAGE_TIMED_OUT', { limit: formatDuration(timeoutMs) })), timeoutMs));
  }
  const output = await child;
  for (const timer of timers) clearTimeout(timer);
  options.signal.removeEventListener('abort', cancel);
  if (pid !== undefined) endGroup(pid, 'SIGKILL');
  await Promise.all(writes);
  const { exitCode, signal } = output;
  const ended =
    signal !== null && signal !== undefined
      ? failure('STAGE_KILLED', { signal })
      : exitCode === 0
        ? undefined
        : failure('STAGE_EXITED', { status: exitCode ?? -1 });
  return {
    failure: reason ?? ended,
    effects: [],
    next: undefined,
    usage: undefined,
    exitCode: exitCode ?? undefined,
    signal: signal ?? undefined,
  };
}
