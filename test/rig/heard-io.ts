import type { Io } from '../../lib/cli/io.ts';
import { systemClock } from '../../lib/util/clock.ts';

/** What a command has said so far. */
export interface Heard {
  readonly io: Io;
  stdout(): string;
  stderr(): string;
}

/** The outside of a command that runs in this process: no terminal, and whatever it says is kept. */
export function heardIo(cwd: string, env: Io['env'] = {}): Heard {
  const said = { stdout: '', stderr: '' };
  const io: Io = {
    stdout: (text) => {
      said.stdout += text;
    },
    stderr: (text) => {
      said.stderr += text;
    },
    env,
    cwd,
    clock: systemClock,
    signal: new AbortController().signal,
    onAtOnce: () => undefined,
    isLive: false,
    columns: 100,
    room: undefined,
  };
  return { io, stdout: () => said.stdout, stderr: () => said.stderr };
}
