import { beforeAll, describe, expect, test } from 'vitest';
import { rowsWhere, SPLIT } from '../../lib/data/row-ids.ts';
import { generateDigits } from '../../lib/data/synthetic-digits/generate.ts';
import type { DriftReference } from '../../lib/domain/drift.ts';
import { fitClassifier } from '../../lib/ml/fit-classifier.ts';
import { predictedClasses } from '../../lib/ml/metrics/confusion.ts';
import { DEFAULT_SETTINGS } from '../../lib/ml/settings.ts';
import type { AnsweredRows } from '../../lib/monitor/drift/answers.ts';
import { inputStatistics } from '../../lib/monitor/drift/input-statistics.ts';
import { judgeDrift } from '../../lib/monitor/drift/judge.ts';
import { makeReference } from '../../lib/monitor/drift/reference.ts';
import { createRng } from '../../lib/util/rng.ts';
import { unwrap } from '../data/failed.ts';
import { onnxEngine } from '../ml/engine.ts';

const SIDE = 28;
const AREA = SIDE * SIDE;
const WINDOW = 1000;
const REFERENCE = 3000;

/** Each row as it is after a change to its pixels. */
function changed(pixels: Uint8Array, change: (image: Uint8Array, row: number) => Uint8Array): Uint8Array {
  const made = new Uint8Array(pixels.length);
  for (let at = 0; at < pixels.length; at += AREA) made.set(change(pixels.subarray(at, at + AREA), at / AREA), at);
  return made;
}

/** Turned around its middle, by the nearest pixel. */
const rotated = (degrees: number) => (image: Uint8Array) => {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const middle = (SIDE - 1) / 2;
  return Uint8Array.from({ length: AREA }, (_, pixel) => {
    const [x, y] = [(pixel % SIDE) - middle, Math.floor(pixel / SIDE) - middle];
    const [from, line] = [Math.round(cos * x + sin * y + middle), Math.round(cos * y - sin * x + middle)];
    return from < 0 || line < 0 || from >= SIDE || line >= SIDE ? 0 : (image[line * SIDE + from] as number);
  });
};

const noisy = (sigma: number) => {
  const rng = createRng(5);
  return (image: Uint8Array) =>
    Uint8Array.from(image, (value) => Math.max(0, Math.min(255, Math.round(value + 255 * sigma * rng.normal()))));
};

const inverted = (image: Uint8Array) => image.map((value) => 255 - value);

interface Rows {
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
}

let answer: (rows: Rows, from?: number, to?: number) => Promise<AnsweredRows>;
let fresh: Rows;
let known: AnsweredRows;
let reference: DriftReference;

function draw(all: AnsweredRows, seed: number, isFit: (row: number) => boolean = () => true): AnsweredRows {
  const rng = createRng(seed);
  const rows: number[] = [];
  while (rows.length < WINDOW) {
    const row = rng.int(all.rows);
    if (isFit(row)) rows.push(row);
  }
  return {
    rows: WINDOW,
    probabilities: Float32Array.from(rows.flatMap((row) => [...all.probabilities.subarray(row * 10, row * 10 + 10)])),
    predicted: rows.map((row) => all.predicted[row] as number),
    labels: rows.map((row) => all.labels[row] as number),
    inputs: all.inputs.map(({ name, values }) => ({
      name,
      values: Float32Array.from(rows, (row) => values[row] as number),
    })),
  };
}

function alarms(
  all: AnsweredRows,
  windows: number,
  options: { level?: number; isFit?: (row: number) => boolean } = {},
) {
  let count = 0;
  for (let window = 0; window < windows; window++) {
    const { verdict } = judgeDrift(reference, draw(all, 1 + window, options.isFit), options.level);
    if (verdict === 'drift') count += 1;
  }
  return count / windows;
}

beforeAll(async () => {
  const engine = await onnxEngine();
  const digits = unwrap(generateDigits({ train: 6000, test: 8000 }, 1));
  const rows = rowsWhere(digits.rows, (row) => digits.split[row] === SPLIT.train);
  const settings = { ...DEFAULT_SETTINGS, validation: 0 };
  const { spec, transform, fitted } = unwrap(await fitClassifier({ engine, dataset: digits, rows, settings, seed: 1 }));
  answer = async ({ pixels, labels }) => {
    const count = labels.length;
    const probabilities = await engine.predict({ spec, transform, weights: fitted.weights, inputs: pixels, count });
    const predicted = predictedClasses(probabilities, 10);
    return { rows: count, probabilities, predicted, labels, inputs: inputStatistics(pixels, count, [SIDE, SIDE]) };
  };
  const pixels = digits.feature('pixels') as Uint8Array;
  const part = (from: number, to: number): Rows => ({
    pixels: pixels.slice(from * AREA, to * AREA),
    labels: digits.labels.slice(from, to),
  });
  known = await answer(part(6000, 6000 + REFERENCE));
  fresh = part(6000 + REFERENCE, 14_000);
  reference = makeReference({ answers: known, classes: [...'0123456789'], seed: 7 });
}, 60_000);

/** The most alarms a true rate of `level` gives 200 windows, but for two standard deviations. */
const allowed = (level: number): number => level + 2 * Math.sqrt((level * (1 - level)) / 200);

describe('a really trained model', () => {
  test.each([0.01, 0.05])('alarms in no more windows of the reference itself than the level %d allows', (level) => {
    expect(alarms(known, 200, { level })).toBeLessThanOrEqual(allowed(level));
  });

  test.each([0.01, 0.05])('alarms in no more windows of unseen rows of the same kind than %d allows', async (level) => {
    expect(alarms(await answer(fresh), 200, { level })).toBeLessThanOrEqual(allowed(level));
  });

  test.each([
    ['turned by 15 degrees', rotated(15)],
    ['turned by 30 degrees', rotated(30)],
    ['with noise of sigma 0.1', noisy(0.1)],
    ['with noise of sigma 0.3', noisy(0.3)],
    ['inverted', inverted],
  ])('alarms in 95 of 100 windows of 1,000 images %s', async (_, change) => {
    const shifted = await answer({ pixels: changed(fresh.pixels, change), labels: fresh.labels });
    // Nobody says what they are: the alarm has to come from what the model sees and answers.
    expect(alarms({ ...shifted, labels: [] }, 100)).toBeGreaterThanOrEqual(0.95);
  });

  test.each([0, 3, 8])('alarms in 95 of 100 windows of 1,000 images without the digit %d', async (digit) => {
    const all = { ...(await answer(fresh)) };
    const isFit = (row: number): boolean => fresh.labels[row] !== digit;
    expect(alarms({ ...all, labels: fresh.labels }, 100, { isFit })).toBeGreaterThanOrEqual(0.95);
  });
});
