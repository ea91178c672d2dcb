import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { RunnerMessage, StageMessage, StageModule } from '../domain/stage.ts';
import type { TaskPool } from '../domain/tasks.ts';
import { failureOf, hostStage, type StartMessage } from '../stage/host.ts';
import { createLocalPool } from '../tasks/local-pool.ts';
import { mapStacks } from '../util/map-stacks.ts';

mapStacks();

/**
 * The process a stage runs in. When its runner is gone nobody wants its outs: the channel tells the event loop, and a
 * thread of its own ends the whole group when the stage never lets the event loop turn.
 */
process.on('disconnect', () => process.exit(1));
const watchdog = new Worker(
  `const parent = ${process.ppid};
   setInterval(() => { if (process.ppid !== parent) process.kill(-${process.pid}, 'SIGKILL'); }, 500);`,
  { eval: true },
);
watchdog.unref();

const send = (message: StageMessage): void => {
  if (process.connected) process.send?.(message);
};

const usage = () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMemoryBytes: maxRSS * 1024 };
};

let hasEnded = false;
const endWith = (message: StageMessage, then: () => void): void => {
  if (hasEnded) return;
  hasEnded = true;
  if (process.connected) process.send?.(message, then);
  else then();
};

process.on('uncaughtException', (error) => {
  endWith({ type: 'failed', failure: failureOf(error), usage: usage() }, () => process.exit(1));
});

const beside = (entry: string): string => fileURLToPath(new URL(`./${entry}.mjs`, import.meta.url));

hostStage({
  serveThread: beside('serve-thread'),
  port: {
    send,
    sendLast: endWith,
    onMessage: (listener) => process.on('message', (message) => listener(message as RunnerMessage)),
    usage,
  },
  importStage: (bundle) => import(pathToFileURL(bundle).href) as Promise<StageModule>,
  createPool: ({ bundle, workers, deps }: StartMessage, signal: AbortSignal): TaskPool =>
    createLocalPool({
      bundle,
      hostFile: beside('worker-host'),
      workers,
      deps: Object.fromEntries(
        Object.entries(deps).flatMap(([name, path]) => (path === undefined ? [] : [[name, path]])),
      ),
      signal,
    }),
  exit: () => process.exit(0),
});
