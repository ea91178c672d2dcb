import { failure } from '../domain/failure.ts';
import { FILLING } from '../domain/pipeline.ts';
import type { JsonObject } from '../util/json.ts';
import type { StageLog } from './stage-log.ts';
import type { StageOutcome } from './stage-process.ts';
import { watchToStop } from './stop.ts';

export interface ProgramOptions {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly log: StageLog;
  readonly mark: string;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
  readonly onPid: (pid: number) => void;
}

export interface Fillings {
  readonly deps: Readonly<Record<string, string | undefined>>;
  readonly outs: Readonly<Record<string, string>>;
  readonly params: JsonObject;
}

/** Fills {deps.NAME}, {outs.NAME} and {params.NAME} into the arguments; an optional dep that is absent is an empty text. */
export function fillArguments(argv: readonly string[], fillings: Fillings): string[] {
  return argv.map((argument) =>
    argument.replace(FILLING, (whole, area: keyof Fillings, name: string) => {
      if (!Object.hasOwn(fillings[area], name)) return whole;
      const value = fillings[area][name] ?? (area === 'deps' ? '' : null);
      return typeof value === 'string' ? value : JSON.stringify(value);
    }),
  );
}

/** What the library keeps of what a program prints: nothing, because all of it is in the log, and it may be more than memory holds. */
const forgetful = (): Buffer[] => Object.assign<Buffer[], { push: () => number }>([], { push: () => 0 });

/** Runs a program as a stage; what it prints goes to the log. */
export async function runProgram(options: ProgramOptions): Promise<StageOutcome> {
  const { $ } = await import('zx');
  const { argv, cwd, env, log, mark, timeoutMs, signal } = options;
  const printed = log.target ?? 'pipe';
  const child = $({
    cwd,
    env: { ...env },
    detached: true,
    nothrow: true,
    quiet: true,
    stdio: ['ignore', printed, printed],
    store: { stdout: forgetful(), stderr: forgetful(), stdall: forgetful() },
  })`${[...argv]}`;
  log.follow(child.stdout);
  log.follow(child.stderr);
  if (child.pid !== undefined) options.onPid(child.pid);
  let reason: StageOutcome['failure'];
  const watch = watchToStop({
    pid: child.pid,
    mark,
    timeoutMs,
    signal,
    onStop: (why) => {
      reason = why;
    },
  });
  // What it left behind may hold its streams open, and then the library waits for them.
  child.child?.once('exit', () => watch.end());
  const output = await child;
  watch.end();
  return {
    failure: reason ?? endOf(output),
    effects: [],
    fetched: [],
    asked: {},
    next: undefined,
    usage: undefined,
    exitCode: output.exitCode ?? undefined,
    signal: output.signal ?? undefined,
  };
}

interface ProgramEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why nothing was started at all. */
  readonly cause: Error | null;
}

function endOf({ exitCode, signal, cause }: ProgramEnd): StageOutcome['failure'] {
  if (exitCode === null && cause !== null && cause !== undefined) {
    return failure('STAGE_NOT_STARTED', { problem: cause.message.split('\n')[0] ?? '' });
  }
  if (signal !== null && signal !== undefined) return failure('STAGE_KILLED', { signal });
  return exitCode === 0 ? undefined : failure('STAGE_EXITED', { status: exitCode ?? -1 });
}
