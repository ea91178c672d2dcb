import { runTaskWorker } from '../tasks/worker.ts';

/** The process of one pool worker. */
runTaskWorker();
