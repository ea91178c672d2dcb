import { expect, test } from 'vitest';
import { measureLatency } from '../../lib/ml/latency.ts';

const golden = { rows: 2, shape: [2], inputs: Buffer.of(1, 2, 3, 4).toString('base64'), outputs: [], tolerance: 1e-5 };

/** A model that takes as long as it is told, by a clock that only it moves. */
async function timed(tookMs: (call: number) => number) {
  let [nowMs, calls] = [0, 0];
  const asked: number[][] = [];
  const predict = async (inputs: Uint8Array | Float32Array | Int32Array, rows: number): Promise<Float32Array> => {
    asked.push([...inputs, rows]);
    nowMs += tookMs(calls++);
    return new Float32Array();
  };
  return { latency: await measureLatency({ golden, predict }, { elapsed: () => nowMs }), asked };
}

test('a row at a time is asked, each in its turn, and the first ones do not count', async () => {
  const { latency, asked } = await timed((call) => (call < 20 ? 1000 / 20 : call === 30 ? 9 : 2));
  expect(asked.slice(0, 3)).toEqual([
    [1, 2, 1],
    [3, 4, 1],
    [1, 2, 1],
  ]);
  expect(latency).toEqual({ p50Ms: 2, p99Ms: 2, calls: 300 });
});

test('rows of floats are asked as the floats they are', async () => {
  const inputs = Buffer.from(Float32Array.of(0.5, -2, 1e6, 0).buffer).toString('base64');
  const asked: number[][] = [];
  const predict = async (row: Uint8Array | Float32Array | Int32Array): Promise<Float32Array> => {
    asked.push([...row]);
    return new Float32Array();
  };
  let nowMs = 0;
  await measureLatency({ golden: { ...golden, dtype: 'float32', inputs }, predict }, { elapsed: () => (nowMs += 100) });
  expect(asked.slice(0, 2)).toEqual([
    [0.5, -2],
    [1e6, 0],
  ]);
});

test('the p99 is what one call in a hundred exceeds', async () => {
  expect((await timed((call) => (call % 50 === 0 ? 7 : 1))).latency).toEqual({ p50Ms: 1, p99Ms: 7, calls: 300 });
});

test('a model that takes seconds is asked once, and no more', async () => {
  expect((await timed(() => 4000)).latency).toEqual({ p50Ms: 4000, p99Ms: 4000, calls: 1 });
});
