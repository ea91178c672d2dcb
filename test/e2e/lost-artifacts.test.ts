import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { type Project, tinyProject } from '../rig/project.ts';
import { shippingProject } from '../rig/small-projects.ts';
import { told } from '../rig/told.ts';

let project: Project;
afterEach(() => project.dispose());

const LOST =
  'warning: runs.db knows of what was made, but artifacts/objects is not there: it is made again. Nothing on record is lost; to spare the time, stop, and bring artifacts/ back.';

/** The lines of what was said before the summary. */
const lines = (stderr: string): string[] => told(stderr).split('\n\n')[0]?.split('\n') ?? [];

test('a database without its artifacts is told once, and everything is made again', async () => {
  project = shippingProject();
  await project.mlloop(['run']);
  const before = project.rows('SELECT * FROM attempt_artifact WHERE attempt <= 2');
  rmSync(project.path('artifacts'), { recursive: true });
  const run = await project.mlloop(['run']);
  expect({ status: run.status, lines: lines(run.stderr) }).toEqual({
    status: 0,
    lines: [
      'Run 2 of toy',
      LOST,
      'make  ran  <time>  its stored outs are missing or damaged',
      'ship  ran  <time>  its stored outs are missing or damaged',
    ],
  });
  expect(project.rows('SELECT * FROM attempt_artifact WHERE attempt <= 2')).toEqual(before);
  expect(project.rows('SELECT line, version FROM model_version')).toEqual([{ line: 'toy', version: 1 }]);
  expect(project.read('artifacts/models/toy/champion/model.json')).toBe('"hello"');
  expect(lines((await project.mlloop(['run'])).stderr)).toEqual([
    'Run 3 of toy',
    'make  fresh  nothing changed',
    'ship  fresh  nothing changed',
  ]);
});

test('a part of the pipeline without its artifacts names the command that makes what it needs', async () => {
  project = shippingProject();
  await project.mlloop(['run']);
  rmSync(project.path('artifacts/objects'), { recursive: true });
  mkdirSync(project.path('artifacts/objects'));
  const { status, stderr } = await project.mlloop(['run', '--only', 'ship']);
  expect(status).toBe(2);
  expect(lines(stderr).filter((line) => line.startsWith('warning: '))).toContain(LOST);
  expect(stderr).toContain('Make it again with: npm run pipeline -- --to make');
});

test('the whole loop without its artifacts ends well, and so does a prediction after it', {
  timeout: 180_000,
}, async () => {
  project = tinyProject();
  await project.mlloop(['run', '--profile', 'tiny']);
  cpSync(project.path('artifacts/latest/preprocess/live'), project.path('live'), {
    recursive: true,
    dereference: true,
  });
  rmSync(project.path('artifacts'), { recursive: true });
  expect(await project.mlloop(['predict', 'live'])).toEqual({
    status: 2,
    stdout: '',
    stderr: `The champion of 'digits-demo' is v1, but its folder artifacts/models/digits-demo/v1 is gone.
npm run pipeline lays it out again, from the store or by making it anew. Else put it back from a copy.
`,
  });
  const run = await project.mlloop(['run', '--profile', 'tiny']);
  expect(run.status).toBe(0);
  expect(told(run.stderr).split(LOST)).toHaveLength(2);
  expect((await project.mlloop(['predict', 'live'])).status).toBe(0);
  rmSync(project.path('artifacts/models'), { recursive: true });
  // Nothing has to run for it: the store still has its bytes.
  expect(told((await project.mlloop(['run', '--profile', 'tiny'])).stderr)).toContain('deploy  fresh');
  expect((await project.mlloop(['predict', 'live'])).status).toBe(0);
});
