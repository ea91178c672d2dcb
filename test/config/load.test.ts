import { describe, expect, test } from 'vitest';
import { loadPipelineText } from '../../lib/config/load.ts';
import { formatFailure } from '../../lib/domain/failure.ts';
import { buildGraph } from '../../lib/graph/build.ts';

const plain = { profile: undefined, overrides: [] };

/** Everything a person would read about this file. */
function messages(text: string, options: Parameters<typeof loadPipelineText>[1] = plain): string {
  const loaded = loadPipelineText(text, options);
  if (!loaded.ok) return loaded.failure.map(formatFailure).join('\n\n');
  const built = buildGraph(loaded.value.pipeline);
  return built.ok ? 'valid' : built.failure.map(formatFailure).join('\n\n');
}

const stage = (rest = ''): string => `name: x
seed: 1
stages:
  a:
    run: stages/a.ts
    outs: { data: dataset }
${rest}`;

describe('a pipeline.yaml with a fault', () => {
  test('that does not parse shows the place', () => {
    expect(
      messages('name: x\nstages: [1, 2\nseed: 1\n'),
    ).toBe(`pipeline.yaml:3:1 This is not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ].
  3 | seed: 1
      ^`);
  });

  test('whose rule on drift asks for more windows than it looks at shows the place', () => {
    expect(
      messages(stage('retrain:\n  rules:\n    drift: { windows: 4, of: 3 }\n')),
    ).toBe(`pipeline.yaml:9:23 retrain.rules.drift.windows has to be at most 'of', which is 3, but is 4.
  9 |     drift: { windows: 4, of: 3 }
                            ^`);
    expect(messages(stage('retrain:\n  rules:\n    drift: { windows: 3, of: 3 }\n'))).toBe('valid');
  });

  test('that keeps answers no longer than their inputs wait shows the place', () => {
    expect(
      messages(stage('log: { days: 30, keep: 7 }\n')),
    ).toBe(`pipeline.yaml:7:14 log.days has to be at most 'keep', which is 7, but is 30.
  7 | log: { days: 30, keep: 7 }
                   ^`);
    expect(messages(stage('log: { days: 30, keep: forever }\n'))).toBe('valid');
  });

  test('with an unknown key names it and the nearest one', () => {
    expect(
      messages(stage('    parms: { epochs: 3 }\n')),
    ).toBe(`pipeline.yaml:7:5 a has an unknown key 'parms'. Did you mean 'params'?
  7 |     parms: { epochs: 3 }
          ^
Known here: desc, run, cmd, deps, params, outs, env, secrets, timeout, retry, when, always, mutex.`);
  });

  test('of a wrong type shows the value seen', () => {
    expect(
      messages(stage().replace('seed: 1', 'seed: one')),
    ).toBe(`pipeline.yaml:2:7 seed has to be a whole number, but is 'one'.
  2 | seed: one
            ^`);
  });

  test('with a number that JSON does not have shows where, in the file or on the command line', () => {
    expect(
      messages(stage('    params: { gate: { accuracy: { min: .nan } }, list: [1, -.inf] }\n')),
    ).toBe(`pipeline.yaml:7:40 a.params.gate.accuracy.min has to be a finite number, but is .nan.
  7 |     params: { gate: { accuracy: { min: .nan } }, list: [1, -.inf] }
                                             ^

pipeline.yaml:7:60 a.params.list.1 has to be a finite number, but is -.inf.
  7 |     params: { gate: { accuracy: { min: .nan } }, list: [1, -.inf] }
                                                                 ^`);
    expect(messages(stage(), { profile: undefined, overrides: ['a.params.rate=.inf'] })).toBe(
      'a.params.rate has to be a finite number, but is .inf.',
    );
  });

  test('with a dangling dep names the out that was meant', () => {
    expect(
      messages(stage('  b:\n    run: stages/b.ts\n    deps: { data: a.dat }\n')),
    ).toBe(`pipeline.yaml:9:19 b.deps.data reads 'a.dat', which no stage makes. Did you mean 'a.data'?
  9 |     deps: { data: a.dat }
                        ^`);
  });

  test('with a cycle prints the loop in order', () => {
    const text = `name: x
seed: 1
stages:
  a: { run: stages/a.ts, deps: { x: c.x }, outs: { x: file } }
  b: { run: stages/b.ts, deps: { x: a.x }, outs: { x: file } }
  c: { run: stages/c.ts, deps: { x: b.x }, outs: { x: file } }
`;
    expect(messages(text)).toBe(`pipeline.yaml:4:3 These stages wait for each other: a -> c -> b -> a.
  4 |   a: { run: stages/a.ts, deps: { x: c.x }, outs: { x: file } }
        ^
Take one of these deps away.`);
  });

  test('shows two problems at once', () => {
    const text = stage('    timeout: soon\n').replace('seed: 1', 'seed: 0');
    expect(messages(text)).toBe(`pipeline.yaml:2:7 seed has to be >= 1, but is 0.
  2 | seed: 0
            ^

pipeline.yaml:7:14 a.timeout is 'soon', which has not the right form; right would be 90s or 10m or 1.5h.
  7 |     timeout: soon
                   ^`);
  });

  test('with an unknown kind of out lists the known ones', () => {
    expect(
      messages(stage().replace('dataset', 'datset')),
    ).toBe(`pipeline.yaml:6:19 a.outs.data is 'datset', which is not known. Did you mean 'dataset'?
  6 |     outs: { data: datset }
                        ^
Known: dataset, model, json, html, file, folder.`);
  });

  test('whose stage neither runs nor calls anything says so', () => {
    expect(messages(stage('  b: { outs: { x: file } }\n'))).toBe(`pipeline.yaml:7:3 b lacks 'run' or 'cmd'.
  7 |   b: { outs: { x: file } }
        ^`);
  });
});

describe('an override', () => {
  const set = (override: string): string => messages(stage(), { profile: undefined, overrides: [override] });

  test('of a stage that does not exist names the nearest one', () => {
    expect(set('b.params.x=1')).toBe(
      "--set b.params.x=1: there is no stage 'b'. Did you mean 'a'?\nWrite --set STAGE.params.NAME=VALUE, with the value as in YAML.",
    );
  });

  test('of what cannot be set says what can', () => {
    expect(set('a.outs.x=file')).toBe(
      "--set a.outs.x=file: only params, env, timeout of a stage can be set, not 'outs'.\nWrite --set STAGE.params.NAME=VALUE, with the value as in YAML.",
    );
  });

  test('without a value says so', () => {
    expect(set('a.params.x')).toContain("there is no '=' in it");
  });

  test('puts its value, read as YAML, in place', () => {
    const loaded = loadPipelineText(stage('    params: { grid: { hidden: [[1]] } }\n'), {
      profile: undefined,
      overrides: ['a.params.grid.hidden=[[32],[256]]', 'seed=7'],
    });
    expect(loaded.ok && loaded.value.pipeline.stages[0]?.params).toEqual({ grid: { hidden: [[32], [256]] } });
    expect(loaded.ok && loaded.value.pipeline.seed).toBe(7);
  });
});

test('a profile applies its values, and an unknown one lists those declared', () => {
  const text = stage('profiles:\n  quick: { a.params.epochs: 2 }\n');
  const loaded = loadPipelineText(text, { profile: 'quick', overrides: [] });
  expect(loaded.ok && loaded.value.pipeline.stages[0]?.params).toEqual({ epochs: 2 });
  expect(messages(text, { profile: 'quik', overrides: [] })).toBe(
    "There is no profile 'quik'. Did you mean 'quick'?\nDeclared: quick.",
  );
});
