import { parentPort, workerData } from 'node:worker_threads';
import { versionFaults } from '../registry/version-faults.ts';
import { runAnsweringThread } from '../serve/thread/answering.ts';
import type { ThreadStart } from '../serve/thread/messages.ts';

/** A thread of the model server. */
if (parentPort !== null) {
  void runAnsweringThread({ port: parentPort, start: workerData as ThreadStart, faultsOf: versionFaults });
}
