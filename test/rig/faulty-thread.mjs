// A thread of the model server that is ready like a real one, and then does what its fault is: its version's folder is named
// after it. `hangs` never answers, `dies` ends when it is asked, `throws` fails where nobody catches it.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

const { folder, batchRows } = workerData;
const card = JSON.parse(readFileSync(join(folder, 'mlloop.json'), 'utf8'));
const floats = (rows, width) => new Float32Array(new SharedArrayBuffer(rows * width * 4));
const bell = new Int32Array(new SharedArrayBuffer(4));
const shared = { values: floats(batchRows, 12), answers: floats(batchRows, 3), bell };
const engine = { engine: 'onnx', backend: 'cpu', version: '0', why: '' };
parentPort.postMessage({ type: 'ready', card, engine, maxDifference: 0, warmUp: [{ rows: 1, ms: 1 }], shared });
Atomics.wait(bell, 0, 0);
if (Atomics.load(bell, 0) > 0) {
  const fault = basename(folder);
  if (fault === 'hangs') for (;;) Atomics.wait(bell, 0, Atomics.load(bell, 0));
  if (fault === 'throws') throw new Error('a thread met a bug');
  process.exit(7);
}
