// A thread of the model server that is ready like a real one, and then does what its fault is: its version's folder is named
// after it. `hangs` never answers, `dies` ends when it is asked, `throws` fails where nobody catches it, `answers` has no fault.
// `stalls` and `vanishes` are never ready: one hangs while it is loaded, the other ends.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

const { folder, batchRows } = workerData;
const fault = basename(folder);
const integer = () => new Int32Array(new SharedArrayBuffer(4));
const bell = integer();
if (fault === 'stalls') Atomics.wait(bell, 0, 0);
if (fault === 'vanishes') process.exit(7);
const card = JSON.parse(readFileSync(join(folder, 'mlloop.json'), 'utf8'));
const floats = (rows, width) => new Float32Array(new SharedArrayBuffer(rows * width * 4));
const took = new Float64Array(new SharedArrayBuffer(8));
const counts = { answered: integer(), watched: integer(), took };
const shared = { values: floats(batchRows, 12), answers: floats(batchRows, 3), bell, ...counts };
const engine = { engine: 'onnx', backend: 'cpu', version: '0', why: '' };
parentPort.postMessage({ type: 'ready', card, engine, maxDifference: 0, warmUp: [{ rows: 1, ms: 1 }], shared });
for (let batch = 1; ; batch++) {
  Atomics.wait(bell, 0, 0);
  if (Atomics.exchange(bell, 0, 0) < 0) break;
  if (fault === 'hangs') Atomics.wait(integer(), 0, 0);
  if (fault === 'throws') throw new Error('a thread met a bug');
  if (fault === 'dies') process.exit(7);
  Atomics.store(shared.answered, 0, batch);
  parentPort.postMessage({ type: 'answered', batch });
}
parentPort.close();
