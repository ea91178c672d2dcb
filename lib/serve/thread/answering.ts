import type { MessagePort } from 'node:worker_threads';
import { type Failure, failure } from '../../domain/failure.ts';
import type { ModelSpec } from '../../domain/model.ts';
import { inputSize, outputSize } from '../../ml/layer-shapes.ts';
import { type LoadedModel, loadModel, selfTest } from '../../ml/load-model.ts';
import { err, ok, type Result } from '../../util/result.ts';
import {
  type BatchTime,
  BELL,
  type FromThread,
  type SharedRows,
  type ThreadReady,
  type ThreadStart,
} from './messages.ts';

export interface ThreadHost {
  readonly port: MessagePort;
  readonly start: ThreadStart;
  /** What is wrong with a version's folder, by its own list of files; nothing when it is whole. */
  readonly faultsOf: (folder: string, registered: string) => readonly string[];
}

/** How often each size is asked before the model counts as warm. */
const WARM_UP_ROUNDS = 5;

/**
 * Milliseconds in which the thread looks for the next row before it sleeps, where one row at a time is asked for: most of what a lone client
 * waits for is that somebody is woken. The server looks for the answer as long, and only where there is more than one core.
 */
const LOOKING_MS = 0.25;

/** One version's model, answering batches one after the other until it is told to close. */
export async function runAnsweringThread({ port, start, faultsOf }: ThreadHost): Promise<void> {
  const tell = (message: FromThread): void => port.postMessage(message);
  const opened = await open(start, faultsOf);
  if (!opened.ok) {
    tell({ type: 'refused', failure: opened.failure });
    return port.close();
  }
  const { model, ready } = opened.value;
  const { values, answers, bell, answered, watched, took } = ready.shared;
  const width = inputSize(model.card.spec);
  // The engines take no shared memory.
  const own = new Float32Array(values.length);
  let batch = 0;
  let isWatched = false;
  const answer = async (rows: number): Promise<void> => {
    const startedMs = performance.now();
    own.set(values.subarray(0, rows * width));
    answers.set(await model.predict(own.subarray(0, rows * width), rows));
    took[0] = performance.now() - startedMs;
    // A server that looks, or is in the middle of a turn, sees this; one that sleeps is woken by the message.
    Atomics.store(answered, 0, batch);
    isWatched = Atomics.load(watched, 0) === 1;
    if (!isWatched) tell({ type: 'answered', batch });
  };
  tell(ready);
  for (;;) {
    if (isWatched) lookFor(bell);
    Atomics.wait(bell, 0, BELL.nothing);
    const rows = Atomics.exchange(bell, 0, BELL.nothing);
    // A ring may come after what it was rung for was found: the server was interrupted between writing and ringing.
    if (rows === BELL.nothing) continue;
    if (rows === BELL.close) break;
    batch += 1;
    await answer(rows).catch((error: unknown) => tell({ type: 'failed', batch, problem: messageOf(error) }));
  }
  await model.dispose();
  port.close();
}

/** Comes back when somebody rings, or nobody does for a while. */
function lookFor(bell: SharedRows['bell']): void {
  const untilMs = performance.now() + LOOKING_MS;
  while (Atomics.load(bell, 0) === BELL.nothing && performance.now() < untilMs);
}

interface Opened {
  readonly model: LoadedModel;
  readonly ready: ThreadReady;
}

/** Loads the model, asks it what it was asked when it was trained, and makes it warm. */
async function open(start: ThreadStart, faultsOf: ThreadHost['faultsOf']): Promise<Result<Opened, Failure>> {
  const { folder, hash, batchRows } = start;
  const faults = hash === undefined ? [] : faultsOf(folder, hash);
  if (faults.length > 0) return err(failure('SERVE_DAMAGED', { folder, faults: [...faults] }));
  const loaded = await loadModel(folder);
  if (!loaded.ok) return loaded;
  const model = loaded.value;
  const { maxDifference, tolerance, passed } = await selfTest(model);
  if (!passed) {
    await model.dispose();
    return err(failure('SERVE_SELF_TEST', { folder, maxDifference: String(maxDifference), tolerance }));
  }
  const warmUp = [...(await timesOf(model, 1)), ...(await timesOf(model, batchRows))];
  const { card, engine } = model;
  const shared: SharedRows = {
    values: sharedFloats(batchRows * inputSize(card.spec)),
    answers: sharedFloats(batchRows * outputSize(card.spec)),
    bell: sharedInteger(),
    answered: sharedInteger(),
    watched: sharedInteger(),
    took: new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)),
  };
  return ok({ model, ready: { type: 'ready', card, engine, maxDifference, warmUp, shared } });
}

async function timesOf(model: LoadedModel, rows: number): Promise<readonly BatchTime[]> {
  const times: BatchTime[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS; round++) {
    const startedMs = performance.now();
    await model.predict(warmUpRows(model.card.spec, rows), rows);
    times.push({ rows, ms: performance.now() - startedMs });
  }
  return times;
}

/** Zeros are valid rows of every kind of model. */
const warmUpRows = (spec: ModelSpec, rows: number): Float32Array => new Float32Array(rows * inputSize(spec));

const sharedFloats = (length: number): SharedRows['values'] =>
  new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));

const sharedInteger = (): SharedRows['bell'] => new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
