import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { failure } from '../../../lib/domain/failure.ts';
import type { GoldenBatch } from '../../../lib/domain/model.ts';
import { askServed, type ServedAnswers } from '../../../lib/serve/proof/ask-served.ts';
import { servingGate } from '../../../lib/serve/proof/serving-gate.ts';
import { systemClock } from '../../../lib/util/clock.ts';
import { err, ok } from '../../../lib/util/result.ts';
import { builtEntry } from '../../rig/in-process.ts';
import { registerModel } from '../../rig/serve.ts';
import { temporaryFolderForAll } from '../../rig/temporary-folder.ts';

const inFolder = temporaryFolderForAll();
/** A model as training leaves it, not registered. */
let made: string;

beforeAll(async () => {
  await registerModel(inFolder(), 1);
  made = inFolder('made-toy-1');
});

const asked = (folder: string) =>
  askServed({ folder, line: 'toy model', threadFile: builtEntry('serve-thread'), clock: systemClock });

/** A copy of the model in which one file is another. */
function changed(name: string, file: string, change: (bytes: Buffer) => string | Buffer): string {
  const folder = inFolder(name);
  cpSync(made, folder, { recursive: true });
  writeFileSync(join(folder, file), change(readFileSync(join(folder, file))));
  return folder;
}

const changedGolden = (name: string, change: (golden: GoldenBatch) => GoldenBatch): string =>
  changed(name, 'golden.json', (bytes) => JSON.stringify(change(JSON.parse(bytes.toString()) as GoldenBatch)));

describe('a model that is served to itself', () => {
  test('answers over HTTP what it answered when it was trained, and its time is taken', async () => {
    const served = await asked(made);
    if (!served.ok) throw new Error(JSON.stringify(served.failure));
    const { rows } = JSON.parse(readFileSync(join(made, 'golden.json'), 'utf8')) as GoldenBatch;
    expect(served.value).toMatchObject({ passed: true, tolerance: 1e-5, rows });
    expect(served.value.maxDifference).toBeLessThan(1e-5);
    expect(served.value.p50Ms).toBeGreaterThan(0);
    expect(served.value.p99Ms).toBeGreaterThanOrEqual(served.value.p50Ms);
  });

  test.each([
    [
      'that answers otherwise',
      () =>
        changedGolden('otherwise', (golden) => ({ ...golden, outputs: golden.outputs.map((value) => value + 0.001) })),
      /answers otherwise than when it was trained/,
    ],
    [
      'whose file is cut off',
      () => changed('cut', 'model.onnx', (bytes) => bytes.subarray(0, 40)),
      /cut is not a model/,
    ],
  ])('%s is refused, and says why', async (_, folder, why) => {
    const [row, ...others] = servingGate(await asked(folder()));
    expect(row).toMatchObject({ gate: 'serving', name: 'httpDifference', value: null, verdict: 'refused' });
    expect(row?.note).toMatch(why);
    expect(others).toEqual([]);
  });
});

describe('the gate', () => {
  const answers: ServedAnswers = {
    maxDifference: 2e-7,
    tolerance: 1e-5,
    passed: true,
    rows: 16,
    p50Ms: 3,
    p99Ms: 90,
    calls: 300,
  };
  const told = (rows: ReturnType<typeof servingGate>) =>
    rows.map(({ name, value, limit, threshold, rows: count, verdict }) => [
      name,
      value,
      limit,
      threshold,
      count,
      verdict,
    ]);

  test('sets half of the requests a limit where nobody sets one', () => {
    expect(told(servingGate(ok(answers)))).toEqual([
      ['httpDifference', 2e-7, 'max', 1e-5, 16, 'passed'],
      ['httpLatencyP50Ms', 3, 'max', 200, 300, 'passed'],
      ['httpLatencyP99Ms', 90, null, null, 300, 'passed'],
    ]);
  });

  test('refuses what takes longer than its budget, and what answers no numbers', () => {
    const slow = { ...answers, passed: false, maxDifference: Number.POSITIVE_INFINITY };
    expect(told(servingGate(ok(slow), { latencyP50Ms: 2.9, latencyP99Ms: 90 }))).toEqual([
      ['httpDifference', null, 'max', 1e-5, 16, 'refused'],
      ['httpLatencyP50Ms', 3, 'max', 2.9, 300, 'refused'],
      ['httpLatencyP99Ms', 90, 'max', 90, 300, 'passed'],
    ]);
  });

  test('refuses what cannot be asked', () => {
    const failed = err(failure('SERVE_NO_ANSWER', { folder: 'models/v3', status: 503, problem: 'it is too slow.' }));
    expect(servingGate(failed)).toMatchObject([
      { verdict: 'refused', note: 'Asked over HTTP, the model in models/v3 answered with 503: it is too slow.' },
    ]);
  });
});
