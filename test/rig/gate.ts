import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import type { Project } from './project.ts';

/** A place in a stage where it waits until the test lets it go on. */
export interface Gate {
  /** What the stage's code has to do there; `readFileSync` and `writeFileSync` have to be imported. */
  readonly code: string;
  /** Settles when the stage is there. */
  reached(): Promise<void>;
  open(): Promise<void>;
}

/** Two pipes with names: whoever opens one end waits for the other. */
export function createGate(project: Project): Gate {
  const [arrival, departure] = [project.path('arrival.fifo'), project.path('departure.fifo')];
  execFileSync('mkfifo', [arrival, departure]);
  return {
    code: `writeFileSync(${JSON.stringify(arrival)}, 'here'); readFileSync(${JSON.stringify(departure)});`,
    reached: async () => void (await readFile(arrival)),
    open: () => writeFile(departure, 'go'),
  };
}
