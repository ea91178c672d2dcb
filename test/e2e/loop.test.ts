import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browser, openPage } from '../rig/browser.ts';
import { type Execution, type Project, tinyProject } from '../rig/project.ts';
import { told } from '../rig/told.ts';

let project: Project;
let first: Execution;
let second: Execution;

beforeAll(async () => {
  project = tinyProject();
  first = await project.mlloop(['run', '--profile', 'tiny']);
  second = await project.mlloop(['run', '--profile', 'tiny']);
});
afterAll(() => project.dispose());

const SUMMARY = `
GENERATED DATA: a program made these rows; nothing here says how the model does on real ones.

Run 1 succeeded in <time>

dataset  synthetic-digits: 800 training rows, 200 test rows
engine  onnx <version>, compiled training (onnxruntime-node)
models  cross-validated  test accuracy  macro F1
            baseline  <n> ± <n>  <n>  <n>
            optimised  <n> ± <n>  <n>  <n>  hidden [24]
gates  passed
              data  10 checks  passed
              data  reference  -  first model: nothing is live yet whose rows these could be held against
              absolute  accuracy  <n> (<n> to <n>)  at least <n>  on 200 rows  passed
              champion  champion  -  first model: nothing is live yet that it could be compared with
              serving  goldenDifference  <n>  at most <n>  on 16 rows  passed
              serving  httpDifference  <n>  at most <n>  on 16 rows  passed
              serving  httpLatencyP50Ms  <n>  at most 200  on 300 rows  passed
              serving  httpLatencyP99Ms  <n>  on 300 rows  passed
champion  digits-demo v1, deployed by this run
feedback  accuracy <n> (<n> to <n>) on 40 SIMULATED labels: says nothing about your users
drift  not enough data: 40 rows, too few to judge (500 needed), SIMULATED
decision  keep: no rule fired
              newLabels: 40 new SIMULATED labels < 1000
artifacts  <size>, <size> of it new

next  npm run show -- 1
            open artifacts/latest/evaluate/report.html
            open artifacts/latest/feedback/report.html
            npm run serve -- --line digits-demo
`;

describe('the whole loop', () => {
  test('says what each stage did and why, and sums up', () => {
    expect(first.status).toBe(0);
    expect(told(first.stderr)).toBe(`Run 1 of digits (profile tiny)
collect  synthetic-digits: 800 training rows, 200 test rows, 10 classes.
collect  ran  <time>  first time
preprocess  803 training rows (77 augmented), 200 test rows, 74 live rows.
preprocess  ran  <time>  first time
train  ran  <time>  first time
optimize  ran  <time>  first time
evaluate  ran  <time>  first time
deploy  ran  <time>  first time
feedback  ran  <time>  first time
iterate  ran  <time>  first time
${SUMMARY}`);
    expect(first.stdout).toBe('');
  });

  test('has nothing to do the second time', () => {
    expect(second.status).toBe(0);
    expect(told(second.stderr).split('\n').slice(0, 9)).toEqual([
      'Run 2 of digits (profile tiny)',
      ...['collect', 'preprocess', 'train', 'optimize', 'evaluate', 'deploy', 'feedback', 'iterate'].map(
        (stage) => `${stage}  fresh  nothing changed`,
      ),
    ]);
    expect(told(second.stderr)).toContain('champion  digits-demo v1, as before');
  });

  test('leaves everything in the log', () => {
    const count = (sql: string): number => project.rows<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`)[0]?.n ?? 0;
    expect(count('run')).toBe(2);
    expect(count("attempt WHERE run = 1 AND status = 'succeeded'")).toBe(8);
    expect(count("attempt WHERE run = 2 AND status = 'fresh'")).toBe(8);
    expect(count("param WHERE run = 1 AND stage = 'train' AND name = 'hidden' AND value = '[16]'")).toBe(1);
    // Four epochs, two numbers, on training and on held-out rows of the baseline.
    expect(count("metric WHERE step IS NOT NULL AND model = 'baseline'")).toBe(16);
    expect(count('trial')).toBe(2);
    expect(count('fold_result WHERE score IS NOT NULL')).toBe(4);
    expect(count("gate WHERE gate = 'data' AND verdict = 'passed'")).toBe(20);
    expect(count("gate WHERE gate <> 'data' AND verdict = 'passed'")).toBe(5);
    expect(count("v_gates WHERE run = 1 AND stage = 'deploy' AND verdict = 'first_model'")).toBe(2);
    expect(count("decision WHERE verdict = 'keep'")).toBe(1);
    expect(count("model_version WHERE line = 'digits-demo' AND version = 1")).toBe(1);
    expect(count('prediction WHERE simulated = 1')).toBe(40);
    expect(count('label')).toBe(40);
  });

  test('draws a report that needs no other file', () => {
    const report = project.read('artifacts/latest/evaluate/report.html');
    const body = report.slice(report.indexOf('<body>'));
    expect(body.slice(0, 60)).toContain('<p class="banner">GENERATED DATA');
    expect(report).not.toMatch(/<script|<link|src="(?!data:)|@import/);
    expect(report.match(/<figure/g)?.length).toBeGreaterThanOrEqual(26);
    expect(report).toMatch(/<figure class="wrong">/);
    expect(report.match(/<svg/g)).toHaveLength(5);
  });

  test.skipIf(browser === undefined)('is a page in Chromium where the summary says it is', async () => {
    const page = await openPage(pathToFileURL(project.path('artifacts/latest/evaluate/report.html')).href);
    expect(page).toContain('<h1>digits</h1>');
    expect(page.match(/<figure/g)?.length).toBeGreaterThanOrEqual(26);
  });

  test('puts a version with its checksums beside the model', () => {
    const file = JSON.parse(project.read('artifacts/models/digits-demo/champion/version.json')) as {
      run: number;
      files: object;
    };
    expect(file).toMatchObject({ format: 'mlloop-version', line: 'digits-demo', version: 1, run: 1 });
    expect(Object.keys(file.files)).toEqual([
      'golden.json',
      'history.json',
      'mlloop.json',
      'model.json',
      'model.onnx',
      'weights.bin',
    ]);
    expect(existsSync(project.path('artifacts/models/digits'))).toBe(false);
  });

  test('holds no time, path or run number in any out', () => {
    for (const out of [
      'evaluate/metrics.json',
      'deploy/release.json',
      'feedback/summary.json',
      'iterate/decision.json',
    ]) {
      const text = readFileSync(project.path('artifacts/latest', out), 'utf8');
      expect(text).not.toContain(project.root);
      expect(text).not.toMatch(/"(run|pid|host|startedAt|durationMs)"/);
    }
  });
});
