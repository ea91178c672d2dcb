import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Project, tinyProject } from '../rig/project.ts';

let project: Project;
beforeAll(() => {
  project = tinyProject();
});
afterAll(() => project.dispose());

const run = (...args: string[]) => project.mlloop(['run', '--profile', 'tiny', ...args]);

/** The engine each stage of a run recorded, in the order they ran. */
const enginesOf = (number: number): string[] =>
  project
    .rows<{ stage: string; value: string }>(
      `SELECT attempt.stage, used.value FROM used JOIN attempt ON attempt.id = used.attempt
       WHERE attempt.run = ${number} AND used.what = 'engine' ORDER BY attempt.id`,
    )
    .map(({ stage, value }) => `${stage} ${(JSON.parse(value) as { engine: string }).engine}`);

describe('the param engine', () => {
  test('says what trains, stage by stage, and the record keeps it', async () => {
    const { status, stderr } = await run('--to', 'optimize', '--set', 'train.params.engine=tfjs');
    expect(status, stderr).toBe(0);
    expect(enginesOf(1)).toEqual(['train tfjs', 'optimize onnx']);
  });

  test('is part of the key', async () => {
    const { status, stderr } = await run('--to', 'train', '--set', 'train.params.engine=onnx');
    expect(status, stderr).toBe(0);
    expect(enginesOf(2)).toEqual(['train onnx']);
    expect(stderr).toMatch(/train +ran .* params\.engine tfjs -> onnx/);
  });
});

describe('layers of one’s own choice', () => {
  const layers = '[{type: conv2d, filters: 3, kernel: 5, activation: relu, stride: 2}, {type: maxPooling2d, size: 2}]';

  test('go through the whole loop, and what is deployed answers in either format', async () => {
    const { status, stderr } = await run(
      '--set',
      `train.params.layers=${layers}`,
      '--set',
      'optimize.params.grid={l2: [0.0001]}',
    );
    expect(status, stderr).toBe(0);
    expect(existsSync(project.path('artifacts/models/digits-demo/champion/model.onnx'))).toBe(true);
    const card = JSON.parse(project.read('artifacts/models/digits-demo/champion/mlloop.json')) as {
      spec: { layers: { type: string }[] };
    };
    expect(card.spec.layers.map(({ type }) => type)).toEqual(['conv2d', 'maxPooling2d', 'dense']);
  });

  test('that do not fit the rows are refused by name', async () => {
    const { status, stderr } = await run(
      '--to',
      'train',
      '--set',
      'train.params.layers=[{type: flatten}, {type: maxPooling2d, size: 2}]',
    );
    expect(status).toBe(2);
    expect(stderr).toContain(
      'The layers do not fit rows of 28 x 28: maxPooling2d_2: it takes height x width x channels, and is given 784.',
    );
  });

  test('that no layer can be are told with their place', async () => {
    const { status, stderr } = await run('--set', 'train.params.layers=[{type: conv3d}]');
    expect(status).toBe(2);
    expect(stderr).toContain('train.params.layers');
  });
});

test('a candidate that diverges, and one that does not fit, are rows; the others are searched on', async () => {
  const grid = 'optimize.params.grid=[{learningRate: [0.01, 1.0e+30]}, {layers: [[{type: maxPooling2d, size: 40}]]}]';
  const { status, stderr } = await run('--to', 'optimize', '--set', grid);
  expect(status, stderr).toBe(0);
  const rows = project.rows<{ trial: number; status: string; error: string | null }>(
    `SELECT DISTINCT trial, status, error FROM fold_result WHERE attempt = (SELECT max(attempt) FROM fold_result)
     AND trial < 3 ORDER BY trial`,
  );
  expect(rows.map((row) => [row.trial, row.status])).toEqual([
    [0, 'succeeded'],
    [1, 'failed'],
    [2, 'failed'],
  ]);
  expect(rows[1]?.error).toMatch(/^Training diverged: the loss became \S+ in epoch 1 at learning rate 1e\+30\.$/);
  expect(rows[2]?.error).toContain('maxPooling2d_1: its window is larger than the 28 x 28 it is given');
});

test('the engine reports to nobody: it leaves no file for that in the home folder', async () => {
  const home = project.path('home');
  const args = ['run', '--to', 'train', '--profile', 'tiny', '--force', 'train'];
  const { status, stderr } = await project.mlloop(args, { HOME: home });
  expect(status, stderr).toBe(0);
  expect(existsSync(home)).toBe(false);
});
