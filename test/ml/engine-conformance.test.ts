import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeNpy } from '../../lib/data/npy.ts';
import { formatFailure } from '../../lib/domain/failure.ts';
import type { Hyperparameters, ModelSpec, OptimizerName } from '../../lib/domain/model.ts';
import type { Engine, FitRequest, Fitted, Rows } from '../../lib/ml/engine.ts';
import { initialWeights } from '../../lib/ml/weights.ts';
import { createRng } from '../../lib/util/rng.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { bytesOf, ENGINES, fitOrThrow } from './engine.ts';

const inFolder = temporaryFolder();

/** Two clouds of points, one above the other's diagonal: a line can tell them apart. */
function clouds(count: number, seed: number): Rows {
  const rng = createRng(seed);
  const labels = Int32Array.from({ length: count }, (_, row) => row % 2);
  const inputs = Float32Array.from(
    { length: count * 2 },
    (_, at) => rng.normal() * 0.5 + (labels[at >> 1] === 1 ? 1 : -1),
  );
  return { count, inputs, labels };
}

const SPEC: ModelSpec = {
  input: [2],
  layers: [
    { type: 'dense', units: 8, activation: 'relu' },
    { type: 'dense', units: 2, activation: 'softmax' },
  ],
  loss: 'softmaxCrossEntropy',
};

const PLAIN: Hyperparameters = {
  optimizer: 'adam',
  learningRate: 0.01,
  schedule: { type: 'constant' },
  batch: 16,
  epochs: 4,
  validation: 0,
  patience: 0,
};

const names: OptimizerName[] = ['sgd', 'momentum', 'adagrad', 'rmsprop', 'adam'];

const request = (more: Partial<FitRequest> = {}): FitRequest => ({
  spec: SPEC,
  hyperparameters: PLAIN,
  transform: { kind: 'affine', scale: [1], offset: [0] },
  seed: 7,
  train: clouds(200, 1),
  validation: undefined,
  signal: undefined,
  ...more,
});

describe.each(ENGINES)('the engine %s', (_, start) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  const fitted = (more: Partial<FitRequest> = {}): Promise<Fitted> => fitOrThrow(engine, request(more));
  const bytes = ({ weights }: Fitted): string => bytesOf(weights);

  describe('determinism', () => {
    test('the same seed gives the same bytes, whatever was fitted before', async () => {
      const first = await fitted();
      await fitted({ seed: 99 });
      const second = await fitted();
      expect(bytes(second)).toBe(bytes(first));
      expect(second.history).toEqual(first.history);
    });

    test('another seed gives other bytes', async () => {
      expect(bytes(await fitted({ seed: 8 }))).not.toBe(bytes(await fitted()));
    });

    test('with dropout, too', async () => {
      const [first, ...others] = SPEC.layers;
      if (first === undefined) throw new Error('no layers');
      const spec: ModelSpec = { ...SPEC, layers: [first, { type: 'dropout', rate: 0.5 }, ...others] };
      expect(bytes(await fitted({ spec }))).toBe(bytes(await fitted({ spec })));
      expect(bytes(await fitted({ spec }))).not.toBe(bytes(await fitted()));
    });
  });

  describe('fitting', () => {
    test.each(names)('with %s lowers the loss and learns', async (optimizer) => {
      const { history } = await fitted({ hyperparameters: { ...PLAIN, optimizer, learningRate: 0.05 } });
      expect(history.at(-1)?.loss).toBeLessThan((history[0]?.loss ?? 0) * 0.9);
      expect(history.at(-1)?.accuracy).toBeGreaterThan(0.9);
    });

    test.each(names)('with %s obeys its schedule: at a rate of nearly nothing the weights stay', async (optimizer) => {
      const schedule = { type: 'step', every: 1, factor: 1e-9 } as const;
      const one = await fitted({ hyperparameters: { ...PLAIN, optimizer, schedule, epochs: 1 } });
      const five = await fitted({ hyperparameters: { ...PLAIN, optimizer, schedule, epochs: 5 } });
      five.weights.forEach(({ values }, at) => {
        values.forEach((value, index) => {
          expect(value).toBeCloseTo(one.weights[at]?.values[index] ?? Number.NaN, 5);
        });
      });
    });

    test('keeps no tensor', async () => {
      await fitted();
      const before = memory().numTensors;
      await fitted({ validation: clouds(40, 2) });
      const { weights } = await fitted();
      await engine.predict({ ...request(), weights, inputs: clouds(10, 3).inputs, count: 10 });
      expect(memory().numTensors).toBe(before);
    });

    test('L2 makes the weights smaller', async () => {
      const size = ({ weights }: Fitted): number =>
        weights.reduce((sum, { values }) => sum + values.reduce((s, v) => s + v * v, 0), 0);
      const layers = SPEC.layers.map((layer) => (layer.type === 'dense' ? { ...layer, l2: 0.05 } : layer));
      expect(size(await fitted({ spec: { ...SPEC, layers } }))).toBeLessThan(size(await fitted()));
    });

    test('scores weights as their answers say, on a choice of rows', async () => {
      const { weights } = await fitted();
      const rows: Rows = {
        ...clouds(1500, 5),
        count: 1100,
        chosen: Int32Array.from({ length: 1100 }, (__, at) => 1499 - at),
      };
      const all = await engine.predict({ ...request(), weights, inputs: rows.inputs, count: 1500 });
      const { loss, accuracy } = await engine.score({ ...request(), weights, rows });
      const probabilities = [...(rows.chosen ?? [])].map((row) => all[row * 2 + (rows.labels[row] ?? 0)] ?? Number.NaN);
      const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
      expect(loss).toBeCloseTo(mean(probabilities.map((one) => -Math.log(one))), 5);
      expect(accuracy).toBeCloseTo(mean(probabilities.map((one) => (one > 0.5 ? 1 : 0))), 12);
      expect(accuracy).toBeGreaterThan(0.9);
    });

    test('obeys a rate of nothing at all: the weights stay', async () => {
      const schedule = { type: 'step', every: 1, factor: 0 } as const;
      const one = await fitted({ hyperparameters: { ...PLAIN, schedule, epochs: 1 } });
      const three = await fitted({ hyperparameters: { ...PLAIN, schedule, epochs: 3 } });
      expect(bytes(three)).toBe(bytes(one));
    });

    test('that diverges is a failure, and says where', async () => {
      const train = { ...clouds(64, 1), inputs: new Float32Array(128).fill(1e30) };
      const result = await engine.fit(
        request({ train, hyperparameters: { ...PLAIN, optimizer: 'sgd', learningRate: 1e6 } }),
      );
      if (result.ok) throw new Error('it should have diverged');
      // Which of the two the loss becomes first is the order of the sums.
      const told = formatFailure(result.failure).replace(/-?Infinity/, 'NaN');
      expect(told).toBe(`Training diverged: the loss became NaN in epoch 1 at learning rate 1000000.
Lower learningRate, or check the data for values far outside 0 to 255.`);
    });
  });

  describe('early stopping', () => {
    const hyperparameters: Hyperparameters = { ...PLAIN, epochs: 60, patience: 2, learningRate: 0.05 };

    test('stops after patience epochs without gain and keeps the best weights', async () => {
      // Labels against the training rows' pattern: what is learned makes these worse from the start on.
      const against = clouds(60, 4);
      const validation = { ...against, labels: against.labels.map((label) => 1 - label) };
      const { history, keptEpoch, weights } = await fitted({ hyperparameters, validation });
      const losses = history.map(({ validationLoss }) => validationLoss ?? Number.NaN);
      const best = losses.indexOf(Math.min(...losses)) + 1;
      expect(keptEpoch).toBe(best);
      expect(history).toHaveLength(best + 2);
      const stoppedThere = await fitted({
        hyperparameters: { ...hyperparameters, patience: 0, epochs: best },
        validation,
      });
      expect(bytes({ weights, history, keptEpoch })).toBe(bytes(stoppedThere));
    });

    test('without patience every epoch runs and the last stands', async () => {
      const { history, keptEpoch } = await fitted({ validation: clouds(40, 2) });
      expect([history.length, keptEpoch]).toEqual([4, 4]);
    });
  });

  describe('rows', () => {
    const whole = clouds(120, 6);
    const chosen = Int32Array.from({ length: 70 }, (_, at) => (at * 7) % 120);
    const width = 2;
    const picked: Rows = {
      count: chosen.length,
      inputs: Float32Array.from({ length: chosen.length * width }, (_, at) => {
        return whole.inputs[(chosen[at >> 1] as number) * width + (at % width)] as number;
      }),
      labels: chosen.map((row) => whole.labels[row] as number),
    };

    test('may be a choice of others: the same as a copy of them', async () => {
      const validation = { ...whole, count: 20, chosen: chosen.subarray(0, 20) };
      const one = await fitted({ train: { ...whole, count: chosen.length, chosen }, validation });
      const copy = {
        ...picked,
        count: 20,
        inputs: picked.inputs.subarray(0, 40),
        labels: picked.labels.subarray(0, 20),
      };
      const two = await fitted({ train: picked, validation: copy });
      expect(bytes(one)).toBe(bytes(two));
      expect(one.history).toEqual(two.history);
    });

    test('may lie in a file, behind a header', async () => {
      const path = inFolder('pixels.npy');
      const bytesThere = Uint8Array.from({ length: 240 }, (_, at) => (at * 37 + (at % 2) * 100) % 256);
      writeNpy(path, bytesThere, [120, 2]);
      const train: Rows = { count: 120, inputs: bytesThere, labels: whole.labels };
      const file = { path, offset: 128, type: 'uint8', width: 2 } as const;
      expect(bytes(await fitted({ train: { ...train, file } }))).toBe(bytes(await fitted({ train })));
    });

    describe('with columns that are empty', () => {
      const [columns, empty] = [8, [0, 3, 4]];
      const rng = createRng(3);
      const inputs = Uint8Array.from({ length: 120 * columns }, (_, at) =>
        empty.includes(at % columns) ? 0 : rng.int(120) + (whole.labels[Math.floor(at / columns)] ?? 0) * 120,
      );
      const gapped: Rows = { count: 120, inputs, labels: whole.labels };
      const wanted = (more: Partial<FitRequest> = {}): Partial<FitRequest> => ({
        spec: { ...SPEC, input: [columns] },
        transform: { kind: 'affine', scale: [1 / 255], offset: [0] },
        train: gapped,
        ...more,
      });
      const kernelRows = ({ weights }: Fitted): number[][] => {
        const { values } = weights[0] as Fitted['weights'][number];
        return Array.from({ length: columns }, (_, row) => [...values.subarray(row * 8, row * 8 + 8)]);
      };

      test.each(names)('%s leaves what those give to a layer as it began', async (optimizer) => {
        const started = initialWeights({ ...SPEC, input: [columns] }, 7);
        const begun = kernelRows({ weights: started, history: [], keptEpoch: 0 });
        const ended = kernelRows(await fitted(wanted({ hyperparameters: { ...PLAIN, optimizer } })));
        const same = ended.flatMap((row, at) => (row.every((value, unit) => value === begun[at]?.[unit]) ? [at] : []));
        expect(same).toEqual(empty);
      });

      test('decay moves that, too', async () => {
        const layers = SPEC.layers.map((layer) => (layer.type === 'dense' ? { ...layer, l2: 0.05 } : layer));
        const plain = kernelRows(await fitted(wanted()));
        const decayed = kernelRows(await fitted(wanted({ spec: { ...SPEC, input: [columns], layers } })));
        expect(decayed[0]).not.toEqual(plain[0]);
      });

      test('in a file or in memory is the same, and so is what is watched, where those columns are not empty', async () => {
        const path = inFolder('gapped.npy');
        writeNpy(path, inputs, [120, columns]);
        const file = { path, offset: 128, type: 'uint8', width: columns } as const;
        const validation: Rows = {
          count: 40,
          inputs: inputs.slice(0, 40 * columns).fill(9),
          labels: whole.labels.slice(0, 40),
        };
        const one = await fitted(wanted({ train: { ...gapped, file }, validation }));
        const two = await fitted(wanted({ validation }));
        expect(bytes(one)).toBe(bytes(two));
        expect(one.history).toEqual(two.history);
        const scored = await engine.score({ ...request(wanted()), weights: one.weights, rows: validation });
        expect(scored.loss).toBeCloseTo(one.history.at(-1)?.validationLoss ?? Number.NaN, 6);
      });
    });

    test('fewer than a batch are one smaller batch', async () => {
      const train = { ...whole, count: 9, chosen: chosen.subarray(0, 9) };
      const { history } = await fitted({ train });
      expect(history).toHaveLength(4);
      const exact = await fitted({ train, hyperparameters: { ...PLAIN, batch: 9 } });
      expect(exact.history).toEqual(history);
    });

    test('the last, smaller batch is learned from', async () => {
      const hyperparameters = { ...PLAIN, epochs: 1, optimizer: 'sgd' } as const;
      const more = await fitted({ train: { ...whole, count: 17, chosen: chosen.subarray(0, 17) }, hyperparameters });
      const wrong = { ...whole, labels: whole.labels.map((label, row) => (row === chosen[16] ? 1 - label : label)) };
      const other = await fitted({ train: { ...wrong, count: 17, chosen: chosen.subarray(0, 17) }, hyperparameters });
      expect(bytes(other)).not.toBe(bytes(more));
    });

    test('that hold no number are told by row, not blamed on the learning rate', async () => {
      const inputs = Float32Array.from(whole.inputs);
      inputs[31] = Number.NaN;
      const result = await engine.fit(request({ train: { ...whole, inputs } }));
      if (result.ok) throw new Error('it should have failed');
      expect(formatFailure(result.failure)).toBe(`The data hold NaN in row 15, value 1: nothing can be learned from it.
Leave such rows out, or fill the value in, where the dataset is written.`);
    });
  });

  test('a fit that is cancelled ends soon, as interrupted', async () => {
    const controller = new AbortController();
    const result = await engine.fit(
      request({
        signal: controller.signal,
        hyperparameters: { ...PLAIN, epochs: 100_000, batch: 1 },
        onEpoch: () => controller.abort(),
        onBatch: () => controller.abort(),
      }),
    );
    expect(result.ok ? 'fitted' : result.failure.code).toBe('STAGE_INTERRUPTED');
  });

  test('other models are fitted in between without a trace', async () => {
    const first = await fitted();
    await fitted({ hyperparameters: { ...PLAIN, optimizer: 'momentum' } });
    await fitted({ spec: { ...SPEC, layers: [{ type: 'dense', units: 5, activation: 'tanh' }, ...SPEC.layers] } });
    expect(bytes(await fitted())).toBe(bytes(first));
  });
});
