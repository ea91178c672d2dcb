import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { HOME } from './project.ts';

/** The real command in a folder, with little else in its environment. */
export function startMlloop(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): ChildProcess {
  const { PATH = '', HOME: home = '' } = process.env;
  return spawn(process.execPath, [join(HOME, 'lib/cli/mlloop.mjs'), ...args], {
    cwd,
    env: { PATH, HOME: home, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
