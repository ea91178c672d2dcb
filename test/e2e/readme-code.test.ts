import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProject, HOME, type Project, tinyProject } from '../rig/project.ts';
import { snippet } from '../rig/readme.ts';

let project: Project;

beforeAll(async () => {
  project = tinyProject();
  await project.mlloop(['run', '--profile', 'tiny']);
});
afterAll(() => project.dispose());

/** Runs code as a module of a project that has its packages installed, and gives what it prints. */
function run(code: string): unknown {
  const modules = project.path('node_modules');
  mkdirSync(modules, { recursive: true });
  for (const name of ['@tensorflow', 'onnxruntime-node', 'mlloop']) {
    const target = name === 'mlloop' ? HOME : join(HOME, 'node_modules', name);
    try {
      symlinkSync(target, join(modules, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  project.write('script.mjs', code);
  const { stdout, stderr, status } = spawnSync(process.execPath, ['script.mjs'], {
    cwd: project.root,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

const PIXELS = 'const pixels = Uint8Array.from({ length: 784 }, (_, at) => (at * 7) % 256);';

describe('the code the README shows', () => {
  test('asks the champion from plain Node, and plain TensorFlow.js and ONNX Runtime answer the same', () => {
    const own = run(
      `${PIXELS}\n${snippet('load-model')}\nconsole.log(JSON.stringify([...probabilities]));`,
    ) as number[];
    const plain = run(`${snippet('plain-tensorflow').replace('models/digits/', 'models/digits-demo/')}
import { tensor } from '@tensorflow/tfjs-core';
${PIXELS}
console.log(JSON.stringify([...model.predict(tensor(Float32Array.from(pixels), [1, 28, 28])).dataSync()]));`) as number[];
    const onnx = run(`${PIXELS}
${snippet('plain-onnx').replace('models/digits/', 'models/digits-demo/')}
console.log(JSON.stringify([...probabilities.data]));`) as number[];
    expect(own).toHaveLength(10);
    expect(own.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    own.forEach((value, at) => {
      expect(Math.abs(value - (plain[at] ?? Number.NaN))).toBeLessThan(1e-5);
      expect(Math.abs(value - (onnx[at] ?? Number.NaN))).toBeLessThan(1e-5);
    });
  });

  test('of a source of one’s own makes a dataset the loop takes', async () => {
    const other = createProject({
      'stages/own.ts': snippet('own-source'),
      'pipeline.yaml': `name: scans
seed: 1
stages:
  collect:
    run: stages/own.ts
    deps: { scans: ./scans.bin }
    params: { rows: 40 }
    outs: { raw: dataset }
`,
    });
    other.write(
      'scans.bin',
      Uint8Array.from({ length: 40 * 785 }, (_, at) => (at % 785 === 0 ? (at / 785) % 10 : at % 251)),
    );
    const { status, stderr } = await other.mlloop(['run']);
    expect(status, stderr).toBe(0);
    const meta = JSON.parse(other.read('artifacts/latest/collect/raw/dataset.json')) as object;
    expect(meta).toMatchObject({
      rows: 40,
      generated: false,
      columns: { pixels: { shape: [28, 28], dtype: 'uint8' } },
    });
    other.dispose();
  });
});
