import { runTaskWorker } from '../tasks/worker.ts';
import { mapStacks } from '../util/map-stacks.ts';

/** The process of one pool worker. */
mapStacks();
process.on('uncaughtException', (error) => {
  // Told by its stack alone: Node would show the line it was thrown in, which is the whole bundle.
  process.stderr.write(`${(error as Partial<Error> | undefined)?.stack ?? String(error)}\n`);
  process.exit(1);
});
runTaskWorker();
