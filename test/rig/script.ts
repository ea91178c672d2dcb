import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { type Execution, ended, HOME } from './project.ts';

/** Builds TypeScript that imports lib by '#lib/…' into a program for Node, and returns its path. */
export function buildScript(name: string, source: string): string {
  // Where the packages it leaves out are found.
  const folder = join(HOME, 'node_modules', '.cache', 'mlloop-test');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `${name}-${process.pid}.mjs`);
  buildSync({
    stdin: { contents: source, resolveDir: HOME, loader: 'ts' },
    alias: { '#lib': join(HOME, 'lib') },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  return outfile;
}

/** Processes that have all they need and wait for the word. */
export interface Starters {
  /** Lets all of them go at once and waits for their ends. */
  go(): Promise<readonly Execution[]>;
}

/** What a script begins with to be one of them. */
export const WAIT = `process.stdout.write('ready');
await new Promise((resolve) => process.stdin.once('data', resolve));
process.stdin.destroy();
`;

export async function lineUp(script: string, argLists: readonly (readonly string[])[]): Promise<Starters> {
  const children: ChildProcess[] = argLists.map((args) => spawn(process.execPath, [script, ...args]));
  const ends = children.map(ended);
  await Promise.all(children.map(({ stdout }) => stdout && once(stdout, 'data')));
  return {
    go: () => {
      for (const { stdin } of children) stdin?.write('go');
      return Promise.all(ends);
    },
  };
}
