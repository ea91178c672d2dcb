import type { MessagePort } from 'node:worker_threads';
import { type Failure, failure } from '../../domain/failure.ts';
import type { ModelSpec } from '../../domain/model.ts';
import { inputSize } from '../../ml/layer-shapes.ts';
import { type LoadedModel, loadModel, selfTest } from '../../ml/load-model.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { BatchTime, FromThread, ThreadReady, ThreadStart, ToThread } from './messages.ts';

export interface ThreadHost {
  readonly port: MessagePort;
  readonly start: ThreadStart;
  /** What is wrong with a version's folder, by its own list of files; nothing when it is whole. */
  readonly faultsOf: (folder: string) => readonly string[];
}

/** How often each size is asked before the model counts as warm. */
const WARM_UP_ROUNDS = 5;

/** One version's model, answering batches one after the other until it is told to close. */
export async function runAnsweringThread({ port, start, faultsOf }: ThreadHost): Promise<void> {
  const tell = (message: FromThread, handedOver: ArrayBuffer[] = []): void => port.postMessage(message, handedOver);
  const opened = await open(start, faultsOf);
  if (!opened.ok) {
    tell({ type: 'refused', failure: opened.failure });
    return port.close();
  }
  const { model, ready } = opened.value;
  const width = inputSize(model.card.spec);
  port.on('message', (message: ToThread) => {
    if (message.type === 'close') return void model.dispose().then(() => port.close());
    const { values, rows } = message;
    const startedMs = performance.now();
    return void model.predict(new Float32Array(values, 0, rows * width), rows).then(
      (probabilities) => {
        const answers = probabilities.slice();
        tell({ type: 'answers', answers, values, ms: performance.now() - startedMs }, [values, answers.buffer]);
      },
      (error: unknown) => tell({ type: 'failed', problem: messageOf(error), values }, [values]),
    );
  });
  tell(ready);
}

interface Opened {
  readonly model: LoadedModel;
  readonly ready: ThreadReady;
}

/** Loads the model, asks it what it was asked when it was trained, and makes it warm. */
async function open(start: ThreadStart, faultsOf: ThreadHost['faultsOf']): Promise<Result<Opened, Failure>> {
  const { folder, batchRows } = start;
  const faults = faultsOf(folder);
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
  return ok({ model, ready: { type: 'ready', card: model.card, engine: model.engine, maxDifference, warmUp } });
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

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
