import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Execution, type Project, tinyProject } from '../rig/project.ts';
import { told } from '../rig/told.ts';

let project: Project;
let refused: Execution;

const gate = (limits: string): string[] => ['run', '--profile', 'tiny', '--set', `deploy.params.gate=${limits}`];

beforeAll(async () => {
  project = tinyProject();
  refused = await project.mlloop(gate('{accuracy: {min: 0.9999}, logLoss: {max: 100}}'));
});
afterAll(() => project.dispose());

describe('a model under a floor', () => {
  test('is refused with exit 3, check by check', () => {
    expect(refused.status).toBe(3);
    const lines = told(refused.stderr).split('\n');
    const from = lines.findIndex((line) => line.startsWith('deploy  refused'));
    expect(lines.slice(from, from + 5)).toEqual([
      'deploy  refused  <time>  first time',
      '  The gate refuses this model: 1 of 3 checks failed. The champion stays.',
      '    accuracy  <n>  at least <n>  on 200 rows  refused',
      '    logLoss  <n>  at most 100  on 200 rows  passed',
      '    goldenDifference  <n>  at most <n>  on 16 rows  passed',
    ]);
    expect(told(refused.stderr)).toContain('gate  refused: the champion stays');
    expect(told(refused.stderr)).toContain('feedback  blocked  waits for deploy');
  });

  test('leaves its checks on record, and no version', () => {
    expect(project.rows('SELECT name, verdict FROM gate ORDER BY id')).toEqual([
      { name: 'accuracy', verdict: 'refused' },
      { name: 'logLoss', verdict: 'passed' },
      { name: 'goldenDifference', verdict: 'passed' },
    ]);
    expect(project.rows('SELECT status FROM run')).toEqual([{ status: 'refused' }]);
    expect(project.rows('SELECT 1 FROM model_version')).toEqual([]);
  });

  test('is refused again: a refusal is never fresh', async () => {
    const again = await project.mlloop(gate('{accuracy: {min: 0.9999}, logLoss: {max: 100}}'));
    expect(again.status).toBe(3);
    expect(told(again.stderr)).toContain('evaluate  fresh  nothing changed\ndeploy  refused');
  });

  test('does not move the champion', async () => {
    expect((await project.mlloop(gate('{accuracy: {min: 0.3}}'))).status).toBe(0);
    const worse = [...gate('{accuracy: {min: 0.9999}}'), '--set', 'train.params.learningRate=0.0001'];
    expect((await project.mlloop(worse)).status).toBe(3);
    expect(project.rows('SELECT line, alias, version FROM alias')).toEqual([
      { line: 'digits-demo', alias: 'champion', version: 1 },
    ]);
  });

  test('that nobody set is a refusal, too', async () => {
    const none = await project.mlloop(gate('{}'));
    expect(none.status).toBe(3);
    expect(
      none.stderr,
    ).toContain(`No gate is declared, so nothing says what this model has to prove. It is not deployed.
  Declare limits in the stage’s params: gate: { accuracy: { min: 0.95 } }`);
  });

  test('on a number the evaluation does not have is refused, because nothing proves it', async () => {
    const unknown = await project.mlloop(gate('{acuracy: {min: 0.1}}'));
    expect(unknown.status).toBe(3);
    expect(told(unknown.stderr)).toContain('    acuracy  0  at least <n>  on 200 rows  refused');
  });
});

test('the same bytes again are already live', async () => {
  await project.mlloop(gate('{accuracy: {min: 0.3}}'));
  const again = await project.mlloop(gate('{accuracy: {min: 0.2}}'));
  expect(again.status).toBe(0);
  expect(told(again.stderr)).toContain('deploy  already live: digits-demo v1 holds the same bytes');
  expect(project.rows('SELECT version FROM model_version')).toEqual([{ version: 1 }]);
  expect(project.rows('SELECT to_version FROM deployment')).toEqual([{ to_version: 1 }]);
});
