import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bundleStage } from '../../lib/cache/bundle.ts';
import { KEY_FORMAT } from '../../lib/cache/key.ts';
import type { Stage } from '../../lib/domain/pipeline.ts';
import { orRaise } from '../../lib/domain/raised.ts';
import type { StageCode } from '../../lib/runner/stage-code.ts';
import { keyOf } from '../../lib/runner/stage-key.ts';
import { sha256 } from '../../lib/util/hash.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { HOME } from '../rig/project.ts';

const path = temporaryFolder();

const STAGE: Stage = {
  name: 'train',
  action: { kind: 'program', argv: ['python3', 'train.py', '{deps.data}', '{outs.model}'] },
  description: '',
  deps: {},
  params: { learningRate: 0.001, hidden: [100] },
  outs: { model: 'model', history: 'json' },
  env: { OMP_NUM_THREADS: '1' },
  secrets: ['TOKEN'],
  timeoutMs: undefined,
  retry: { attempts: 1, delayMs: 0, factor: 1, maxMs: 0 },
  when: undefined,
  always: false,
  mutex: undefined,
  at: { file: 'pipeline.yaml', line: 1, column: 1, text: '' },
};

const data = { path: '/anywhere/data', hash: sha256('rows'), use: undefined };
const absent = { path: undefined, hash: undefined, use: undefined };

const keyWith = (code: StageCode): string =>
  keyOf({
    stage: STAGE,
    code,
    deps: { data, more: absent },
    seed: 42,
    services: {
      digest: (name) => `digest of ${name}`,
      ask: () => Promise.reject(new Error('a key asks nothing')),
      apply: () => () => undefined,
      settle: () => undefined,
    },
    versions: (names) => Object.fromEntries(names.map((name) => [name, '4.22.0'])),
    platform: 'node 20 linux x64',
  }).hash;

/** When one of these has to change, what is remembered everywhere is made anew: raise KEY_FORMAT and say so in CHANGELOG. */
describe('the key, as it has been since format 1, of', () => {
  test('a program', () => {
    expect(KEY_FORMAT).toBe(1);
    expect(
      keyWith({ kind: 'program', argv: ['python3', 'train.py', '{deps.data}', '{outs.model}'], params: STAGE.params }),
    ).toBe('0148177c2601d4e608d1d80fbfbbe66a68513506ae48299d05cde8a2482d1128');
  });

  test('a module, with all it reads and imports', async () => {
    mkdirSync(path('stages'));
    writeFileSync(
      path('stages/half.ts'),
      'export const half = (n: number): number => n / 2;\nexport const unused = 1;\n',
    );
    writeFileSync(
      path('stages/train.ts'),
      "// Trains.\nimport { half } from './half.ts';\nimport { canonicalJson } from 'mlloop/util/json';\nexport default { params: {}, run: async () => canonicalJson(half(3)) };\n",
    );
    const bundle = orRaise(await bundleStage({ root: path(), file: 'stages/train.ts', home: HOME }));
    expect(bundle.hash).toBe('55aba3539d9424671e8f2205fe7b3515d958b26ff50663cf1bd2f93ca72dd50d');
    const key = keyWith({
      kind: 'module',
      file: 'stages/train.ts',
      hash: bundle.hash,
      packages: ['@tensorflow/tfjs-core'],
      path: path('copy.mjs'),
      rebuild: () => Promise.reject(new Error('a key builds nothing')),
      description: { paramsSchema: {}, reads: ['engine', 'champion'], effects: true, tasks: [] },
      params: STAGE.params,
    });
    expect(key).toBe('c2553a5a4539fe9d6686652b9d1445a7d6413ccfdfcd406d026151f1406816aa');
  });
});
