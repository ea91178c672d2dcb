import { parentPort, workerData } from 'node:worker_threads';
import { type LogThreadStart, runLogThread } from './live/log-writer.ts';

/** The thread of the model server that writes the log. */
if (parentPort !== null) runLogThread(parentPort, workerData as LogThreadStart);
