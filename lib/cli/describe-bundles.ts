import { fork } from 'node:child_process';
import type { StageDescription } from '../domain/stage.ts';
import type { Result } from '../util/result.ts';
import type { Installation } from './io.ts';
import { builtFile } from './project.ts';

export type Described = Result<StageDescription, string>;

/** Asks bundles what their stages say of themselves, in a process of its own: importing them runs their code. */
export function describeBundles(paths: readonly string[], installation: Installation): Promise<readonly Described[]> {
  const child = fork(builtFile(installation.built, 'describe-host'), [], {
    // Nor at a debugger's port, where somebody debugs mlloop itself.
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return new Promise((resolve) => {
    let described: readonly Described[] = [];
    child.on('message', (message) => {
      described = message as readonly Described[];
    });
    child.on('close', () => resolve(described));
    child.send([...paths]);
  });
}
