import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Project, tinyProject } from '../rig/project.ts';
import { told } from '../rig/told.ts';

let project: Project;

beforeAll(async () => {
  project = tinyProject();
  await project.mlloop(['run', '--profile', 'tiny', '--to', 'optimize']);
  await project.mlloop(['run', '--profile', 'tiny', '--to', 'optimize', '--set', 'train.params.epochs=2']);
});
afterAll(() => project.dispose());

const section = (text: string, title: string): string[] => {
  const lines = told(text).split('\n');
  const from = lines.findIndex((line) => line.startsWith(title));
  const to = lines.indexOf('', from);
  return lines.slice(from, to < 0 ? undefined : to);
};

describe('runs', () => {
  test('lists the newest first', async () => {
    const { stdout, status } = await project.mlloop(['runs']);
    expect(status).toBe(0);
    const lines = told(stdout)
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '<when>')
      .split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'run  status  trigger  profile  started (UTC)  took  stages  test accuracy  deployed',
      '  2  succeeded  manual  tiny  <when>  <time>  2 fresh, 2 ran  -  -',
      '  1  succeeded  manual  tiny  <when>  <time>  4 ran  -  -',
    ]);
  });

  test('gives programs the same as JSON', async () => {
    const { stdout } = await project.mlloop(['runs', '--json', '--limit', '1']);
    const runs = JSON.parse(stdout) as { run: number; overrides: object; stages: { status: string }[] }[];
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ run: 2, overrides: { 'train.params.epochs': '2' } });
    expect(runs[0]?.stages.map(({ status }) => status)).toEqual(['fresh', 'fresh', 'succeeded', 'succeeded']);
  });
});

describe('show', () => {
  test('prints all that is on record of a run', async () => {
    const { stdout } = await project.mlloop(['show', '2']);
    expect(stdout.split('\n')[0]).toMatch(/^GENERATED DATA/);
    expect(section(stdout, 'Stages')[1]).toBe('stage  status  took  CPU  memory  why');
    expect(section(stdout, 'Stages').slice(2, 4)).toEqual([
      'collect  fresh, by run 1  -  -  -  nothing changed',
      'preprocess  fresh, by run 1  -  -  -  nothing changed',
    ]);
    expect(section(stdout, 'Stages')[4]).toBe('train  succeeded  <time>  <time>  <size>  params.epochs 4 -> 2');
    expect(section(stdout, 'Params')).toContain('train  epochs  2');
    expect(section(stdout, 'Metrics')).toContain('optimize  accuracy  optimised  cv  <n>');
    expect(section(stdout, 'Trials')).toHaveLength(4);
    expect(section(stdout, 'Trials')[1]).toBe('rank  mean  std  folds  a fold took  peak  setting');
    expect(section(stdout, 'Artifacts').some((line) => /^train\.model {2}model {2}\S+/.test(line))).toBe(true);
  });

  test('takes the last run when none is named', async () => {
    const { stdout } = await project.mlloop(['show', '--json']);
    const view = JSON.parse(stdout) as { run: number; metrics: { step?: number }[] };
    expect(view.run).toBe(2);
    expect(view.metrics.some(({ step }) => step === 2)).toBe(true);
    const { cvResults } = JSON.parse(stdout) as { cvResults: Record<string, unknown[]> };
    expect(Object.keys(cvResults)).toEqual([
      'params',
      'param_hidden',
      'split0_test_score',
      'split1_test_score',
      'mean_test_score',
      'std_test_score',
      'rank_test_score',
      'mean_fit_time',
      'std_fit_time',
      'status',
    ]);
    expect(cvResults['mean_fit_time']?.every((seconds) => Number(seconds) > 0)).toBe(true);
  });

  test('of a run that is not there says which is the last', async () => {
    expect(await project.mlloop(['show', '9'])).toEqual({
      status: 2,
      stdout: '',
      stderr: 'There is no run 9 in the log.\nThe last run is 2; npm run runs lists them.\n',
    });
  });
});

describe('compare', () => {
  test('shows params that differ and marks the better metric', async () => {
    const { stdout, status } = await project.mlloop(['compare', '1', '2']);
    expect(status).toBe(0);
    expect(section(stdout, 'Params')).toEqual(['Params that differ', 'param  run 1  run 2', 'train.epochs  4  2']);
    const accuracy = section(stdout, 'Metrics').find((line) => line.startsWith('train  accuracy  baseline  train'));
    expect(accuracy).toBe('train  accuracy  baseline  train  <n> *  <n>');
    expect(section(stdout, 'Durations')[2]).toBe('collect  <time>  fresh');
    expect(section(stdout, 'Metrics').at(-1)).toMatch(/^Beside these \d+ are the same\.$/);
    expect(section(stdout, 'Artifacts').map((line) => line.split('  ')[0])).toEqual([
      'Artifacts that differ',
      'out',
      'train.model',
      'optimize.model',
      'optimize.results',
      'Beside these 6 are the same.',
    ]);
  });

  test('as JSON has one place a run', async () => {
    const { stdout } = await project.mlloop(['compare', '2', '1', '--json']);
    const comparison = JSON.parse(stdout) as { runs: number[]; params: { values: unknown[] }[] };
    expect(comparison.runs).toEqual([2, 1]);
    expect(comparison.params).toEqual([{ stage: 'train', name: 'epochs', values: [2, 4] }]);
  });

  test('of one run alone says what to type', async () => {
    const { stderr, status } = await project.mlloop(['compare', '1']);
    expect({ stderr, status }).toEqual({
      status: 2,
      stderr: 'It takes two runs or more to compare.\nType: npm run compare -- 2 3   (npm run runs lists them)\n',
    });
  });
});

describe('logs', () => {
  test('prints what the last execution of a stage wrote', async () => {
    const { stdout, stderr } = await project.mlloop(['logs', 'train']);
    expect(stderr).toBe('artifacts/logs/2/train.log (run 2, succeeded)\n');
    expect(told(stdout)).toBe(
      'baseline: epoch 1/2  loss <n>  accuracy <n>\nbaseline: epoch 2/2  loss <n>  accuracy <n>\n',
    );
  });

  test('of another run, when it is named', async () => {
    const { stdout } = await project.mlloop(['logs', 'train', '--run', '1']);
    expect(stdout.trim().split('\n')).toHaveLength(4);
  });

  test('of a stage nobody ran names those on record', async () => {
    const { stderr, status } = await project.mlloop(['logs', 'trian']);
    expect({ stderr, status }).toEqual({
      status: 2,
      stderr:
        "No execution of 'trian' is on record. Did you mean 'train'?\nStages on record: collect, optimize, preprocess, train.\n",
    });
  });
});

test('a folder without a log says how to make one', async () => {
  const { stderr, status } = await project.mlloop(['runs', '--state', project.path('elsewhere')]);
  expect({ stderr, status }).toEqual({
    status: 2,
    stderr: 'There are no runs on record yet.\nMake one with: npm run pipeline\n',
  });
});

describe('compare, with a run of one stage', () => {
  test('says which stages a run has not had, instead of calling all of them different', async () => {
    await project.mlloop(['stage', 'train', '--profile', 'tiny', '--set', 'train.params.epochs=2']);
    const { stdout } = await project.mlloop(['compare', '2', '3']);
    const [missing, , params, , metrics] = stdout.split('\n');
    expect(missing).toBe('Not in run 3: collect, preprocess, optimize.');
    expect(params).toBe('Params: none differ.');
    expect(metrics).toMatch(/^Metrics: none differ; \d+ are the same\.$/);
    expect(section(stdout, 'Durations').slice(2)).toEqual(['train  <time>  <time>']);
    expect(section(stdout, 'Artifacts')).toEqual(['Artifacts: none differ; 1 is the same.']);
  });
});

test('the log of a run that did not execute a stage names the one that did', async () => {
  await project.mlloop(['run', '--profile', 'tiny', '--only', 'train', '--set', 'train.params.epochs=2']);
  const [fresh] = project.rows<{ run: number; made: number }>(
    `SELECT max(run) AS run, max(CASE WHEN log IS NOT NULL THEN run END) AS made FROM attempt WHERE stage = 'train'`,
  );
  const { stderr, status } = await project.mlloop(['logs', 'train', '--run', String(fresh?.run)]);
  expect({ stderr, status }).toEqual({
    status: 2,
    stderr: `'train' was not executed in run ${fresh?.run}.\nIts last execution: npm run mlloop -- logs train --run ${fresh?.made}\n`,
  });
});
