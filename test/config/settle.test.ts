import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadPipelineText } from '../../lib/config/load.ts';
import { settleYaml } from '../../lib/config/settle.ts';
import { orRaise } from '../../lib/domain/raised.ts';

const TEXT = `# The loop.
name: toy
seed: 42 # everything random derives from it
stages:
  make:
    run: stages/make.ts
    params: { rate: 0.5, sizes: [1, 2], inner: { deep: yes } } # as measured
    outs: { model: model }
  use:
    run: stages/use.ts
    # What it needs.
    deps: { model: make.model }
    outs: { text: file }
profiles:
  quick: { make.params.rate: 1, make.params.sizes: [3], use.params.word: a, seed: 7 }
`;

const settle = (text: string, overrides: Readonly<Record<string, string>>, profile?: string, files = {}): string =>
  orRaise(settleYaml(text, { profile, overrides, files }));

describe('a pipeline.yaml with its options written into it', () => {
  test('keeps its comments and its shape', () => {
    expect(settle(TEXT, { 'make.params.inner.deep': 'no', 'use.timeout': '5s' }, 'quick')).toBe(`# The loop.
name: toy
seed: 7 # everything random derives from it
stages:
  make:
    run: stages/make.ts
    params: { rate: 1, sizes: [ 3 ], inner: { deep: no } } # as measured
    outs: { model: model }
  use:
    run: stages/use.ts
    # What it needs.
    deps: { model: make.model }
    outs: { text: file }
    params:
      word: a
    timeout: 5s
profiles:
  quick: { make.params.rate: 1, make.params.sizes: [ 3 ], use.params.word: a, seed: 7 }
`);
  });

  test('is left as it is where there are none', () => {
    expect(settle(TEXT, {})).toBe(TEXT);
  });

  test('names another file for a stage', () => {
    expect(settle(TEXT, {}, undefined, { use: 'restored/use.ts' })).toContain('    run: restored/use.ts\n');
  });

  test('is written anew where one value stands for several', () => {
    const shared = `name: toy
seed: 1
stages:
  a: { run: a.ts, params: &shared { rate: 1 } } # gone
  b: { run: b.ts, params: *shared }
`;
    expect(settle(shared, { 'a.params.rate': '2' })).toBe(`name: toy
seed: 1
stages:
  a:
    run: a.ts
    params:
      rate: 2
  b:
    run: b.ts
    params:
      rate: 1
`);
  });

  test('means what the options meant', () => {
    const value = fc.oneof(
      fc.integer().map(String),
      fc.constantFrom(
        'true',
        'null',
        'text',
        '"3"',
        "'a: b # c'",
        '[1, [2]]',
        '{ a: { b: 1 } }',
        '1e3',
        '0.10',
        '~',
        '""',
      ),
    );
    const paths = ['make.params.rate', 'make.params.new', 'make.params.deep.er', 'use.params.x', 'make.params.sizes'];
    const overrides = fc.dictionary(fc.constantFrom(...paths), value, { noNullPrototype: true });
    fc.assert(
      fc.property(overrides, fc.option(fc.constant('quick'), { nil: undefined }), (set, profile) => {
        const typed = Object.entries(set).map(([path, text]) => `${path}=${text}`);
        const meant = pipelineOf(loadPipelineText(TEXT, { profile, overrides: typed }));
        const settled = pipelineOf(loadPipelineText(settle(TEXT, set, profile), { profile: undefined, overrides: [] }));
        const bare = (pipeline: typeof meant) => ({
          ...pipeline,
          profile: undefined,
          overrides: {},
          stages: pipeline.stages.map((stage) => ({ ...stage, at: undefined })),
        });
        expect(bare(settled)).toEqual(bare(meant));
      }),
      { numRuns: 25 },
    );
  });
});

function pipelineOf(loaded: ReturnType<typeof loadPipelineText>) {
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.failure));
  return loaded.value.pipeline;
}
