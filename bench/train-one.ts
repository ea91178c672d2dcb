import { openDataset, saveDataset, selectRows } from '../lib/data/dataset.ts';
import { loadMnist } from '../lib/data/mnist.ts';
import { rowsWhere, SPLIT } from '../lib/data/row-ids.ts';
import { orRaise } from '../lib/domain/raised.ts';
import { countCorrect } from '../lib/ml/batches.ts';
import { createEngine } from '../lib/ml/create-engine.ts';
import { fitClassifier } from '../lib/ml/fit-classifier.ts';
import { probeEngines } from '../lib/ml/probe-engines.ts';
import { DEFAULT_SETTINGS } from '../lib/ml/settings.ts';
import { copyRows, trainingData } from '../lib/ml/training-rows.ts';

/** MNIST as two dataset folders, as the pipeline's stages would find them. */
export async function writeMnist(source: string, folder: string): Promise<void> {
  const { signal } = new AbortController();
  const mnist = orRaise(await loadMnist({ folders: [source], target: '', mirrors: [], signal }));
  for (const split of ['train', 'test'] as const) {
    const rows = rowsWhere(mnist.rows, (row) => mnist.split[row] === SPLIT[split]);
    saveDataset(`${folder}/${split}`, selectRows(mnist, rows));
  }
}

export interface TrainRequest {
  readonly folder: string;
  readonly engine: 'onnx' | 'tfjs';
  readonly batch: number;
  readonly epochs: number;
}

/** What the peers' scripts do, in their terms: 784-100-10, ReLU, Adam 0.001, one thread, shuffled. */
export async function train({ folder, engine: name, batch, epochs }: TrainRequest): Promise<object> {
  const offer = await probeEngines(process.cwd());
  const choice = name === 'tfjs' ? offer.tfjs : offer.onnx;
  if ('problem' in choice) throw new Error(choice.problem);
  const [engine, dataset] = [await createEngine(choice), orRaise(openDataset(`${folder}/train`))];
  const rows = Int32Array.from({ length: dataset.rows }, (_, row) => row);
  const settings = { ...DEFAULT_SETTINGS, batch, epochs, validation: 0 };
  let longestMs = 0;
  // Counted from the first call on: starting the program before it is no call.
  let toldMs: number | undefined;
  const heard = (): void => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - (toldMs ?? nowMs));
    toldMs = nowMs;
  };
  const startedMs = performance.now();
  const made = await fitClassifier({ engine, dataset, rows, settings, seed: 42, onBatch: heard });
  const seconds = (performance.now() - startedMs) / 1000;
  const { spec, transform, fitted } = orRaise(made);
  const test = orRaise(trainingData(orRaise(openDataset(`${folder}/test`))));
  const { inputs, labels, count } = copyRows(test.rows);
  const outputs = await engine.predict({ spec, transform, weights: fitted.weights, inputs, count });
  return {
    peer: `mlloop ${choice.engine} ${choice.backend}`,
    batch,
    epochs,
    rows: rows.length,
    fit_s: seconds,
    s_per_epoch: seconds / epochs,
    test_accuracy: countCorrect(outputs, labels, test.classes.length) / count,
    longest_call_ms: Math.round(longestMs),
    peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

const [folder, engine, batch, epochs] = process.argv.slice(2);
if (process.argv[1]?.endsWith('train-one-ts.mjs') && folder !== undefined) {
  const asked = {
    folder,
    engine: engine === 'tfjs' ? 'tfjs' : 'onnx',
    batch: Number(batch),
    epochs: Number(epochs),
  } as const;
  process.stdout.write(`${JSON.stringify(await train(asked))}\n`);
}
