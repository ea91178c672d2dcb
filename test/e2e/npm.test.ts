import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { HOME } from '../rig/project.ts';

const state = mkdtempSync(join(tmpdir(), 'mlloop-npm-'));
afterAll(() => rmSync(state, { recursive: true, force: true }));

/** The environment a person's shell has: no traces of the npm that runs these tests. */
const shell = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));

function npm(...args: string[]): { status: number | null; stdout: string; told: string } {
  const { status, stdout, stderr } = spawnSync('npm', ['run', ...args], { cwd: HOME, env: shell, encoding: 'utf8' });
  const told = stderr.split('\n').filter((line) => !line.startsWith('npm warn'));
  return { status, stdout, told: told.join('\n').trim() };
}

describe('npm run without the --', () => {
  test.each([
    [['pipeline', '--profile', 'quick'], 'npm run pipeline -- --profile quick'],
    [['pipeline', '--to', 'train'], 'npm run pipeline -- --to train'],
    [['try', '--set', 'train.params.epochs=1'], 'npm run try -- --set train.params.epochs=1'],
    [['pipeline', '--force'], 'npm run pipeline -- --force'],
  ])('%j stops with the corrected line', (args, corrected) => {
    expect(npm('-s', ...args)).toEqual({
      status: 2,
      stdout: '',
      told: `npm kept the options for itself: what follows \`npm run\` needs a \`--\` before it.\nType: ${corrected}`,
    });
  });

  test('stage --only train, of which npm leaves no trace, asks for the stage with a whole line', () => {
    const { status, told } = npm('-s', 'stage', '--only', 'train');
    expect(status).toBe(2);
    // Some versions of npm pass the value on, and then it is the stage's name, as it should be.
    expect(told).toBe(`Which stage?
Type: npm run stage -- collect   (or preprocess, train, optimize, evaluate, deploy, feedback, iterate; options go after the --)`);
  });
});

test('npm run with the -- reaches the verb', () => {
  expect(npm('-s', 'runs', '--', '--state', state)).toEqual({
    status: 2,
    stdout: '',
    told: 'There are no runs on record yet.\nMake one with: npm run pipeline',
  });
});
