import { mkdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bundleStage } from '../../lib/cache/bundle.ts';
import { listBusyFolders, recallBundle, rememberBundle } from '../../lib/cache/bundle-memo.ts';
import { createLook } from '../../lib/cache/look.ts';
import { type Memo, openMemo } from '../../lib/cache/memo.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { HOME } from '../rig/project.ts';

const path = temporaryFolder();

/** An hour later nothing is too young to be trusted, so that what is remembered is what is looked at. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const STAGE = 'stages/a.ts';

const stageOf = (specifiers: readonly string[]): string =>
  [
    ...specifiers.map((specifier, at) => `import * as m${at} from '${specifier}';`),
    `export default { run: () => [${specifiers.map((_, at) => `m${at}.value`).join(', ')}] };`,
  ].join('\n');

/** A project below a folder of others, with a package beside it that is linked into it. */
const root = (): string => path('work', 'project');

function put(file: string, text: string): void {
  mkdirSync(dirname(path('work', file)), { recursive: true });
  writeFileSync(path('work', file), text);
}

const value = (what: string | number): string => `export const value = '${what}';`;

/** Where a file may come and go, and be taken for another one. */
const PLACES = [
  'project/stages/x.ts',
  'project/stages/x.js',
  'project/stages/x.tsx',
  'project/stages/x/index.ts',
  'project/stages/x/package.json',
  'project/stages/y.ts',
  'project/stages/y.js',
  'project/stages/y.js.ts',
  'project/stages/deep/z.ts',
  'project/stages/node_modules/pkg/index.js',
  'project/node_modules/pkg/index.js',
  'project/node_modules/@scope/one/index.js',
  'node_modules/pkg/index.js',
  'project/package.json',
  'project/tsconfig.json',
  'project/stages/tsconfig.json',
  'beside/index.ts',
  'beside/other.ts',
  'beside/package.json',
  'beside/node_modules/pkg/index.js',
] as const;

const JSONS: readonly string[] = [
  '{}',
  '{ "main": "./other.ts" }',
  '{ "exports": "./other.ts" }',
  '{ "name": "beside", "type": "module" }',
  '{ "imports": { "#in": "./stages/y.ts" } }',
  '{ "sideEffects": false }',
  '{ "browser": { "./x.js": "./y.js" } }',
  '{ "compilerOptions": { "baseUrl": ".", "paths": { "./x": ["./y"] } } }',
];

const SPECIFIERS = [
  './way/w',
  '../ways/way/w',
  '../ways/on/w',
  './x',
  './x.js',
  './y.js',
  './deep/z',
  'pkg',
  '@scope/one',
  'linked',
  'mlloop/util/result',
];

type Edit =
  | { readonly kind: 'write'; readonly place: string; readonly what: number }
  | { readonly kind: 'same-size'; readonly place: string; readonly what: number }
  | { readonly kind: 'remove'; readonly place: string }
  | { readonly kind: 'link'; readonly to: 'beside' | 'project/stages/deep' }
  | { readonly kind: 'way'; readonly at: (typeof WAYS)[number]; readonly to: string };

/** Links on the way to what is imported, each to one of two places that look alike. */
const WAYS = ['project/stages/way', 'project/ways/way', 'beside/way'] as const;

const place = fc.constantFrom(...PLACES);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), place, what: fc.nat(7) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('same-size' as const), place, what: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), place }) },
  fc.record({
    kind: fc.constant('link' as const),
    to: fc.constantFrom('beside' as const, 'project/stages/deep' as const),
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('way' as const),
      at: fc.constantFrom(...WAYS),
      to: fc.constantFrom('one', 'two'),
    }),
  },
);

function apply(one: Edit): void {
  switch (one.kind) {
    case 'write':
      return put(one.place, one.place.endsWith('.json') ? (JSONS[one.what] ?? '') : value(one.what));
    case 'same-size': {
      const file = path('work', one.place);
      const before = statSync(file, { throwIfNoEntry: false });
      if (before === undefined || one.place.endsWith('.json')) return;
      writeFileSync(file, value(one.what));
      utimesSync(file, before.atime, before.mtime);
      return;
    }
    case 'remove': {
      const file = path('work', one.place);
      // A package comes and goes as a whole; what is in it is known by its version.
      return rmSync(file.includes('node_modules') ? dirname(file) : file, { recursive: true, force: true });
    }
    case 'link': {
      const link = path('work/project/node_modules/linked');
      mkdirSync(dirname(link), { recursive: true });
      rmSync(link, { force: true });
      symlinkSync(path('work', one.to), link);
      return;
    }
    case 'way': {
      const link = path('work', one.at);
      mkdirSync(dirname(link), { recursive: true });
      rmSync(link, { force: true });
      symlinkSync(path('work', one.to), link);
    }
  }
}

let recalled = 0;

/** What a run would take for the stage's code: what is remembered, or what is bundled and then remembered. */
async function codeOf(memo: Memo): Promise<string | undefined> {
  const identity = { path: path('work', 'project', STAGE), bundler: 'b' };
  const known = recallBundle(memo, createLook(), identity);
  if (known !== undefined) {
    recalled += 1;
    return known.hash;
  }
  const startedMs = Date.now();
  const before = listBusyFolders(root(), HOME);
  const bundle = await bundleStage({ root: root(), file: STAGE, home: HOME });
  if (!bundle.ok) return undefined;
  rememberBundle(memo, identity, { bundle: bundle.value, root: root(), home: HOME, startedMs, before });
  return bundle.value.hash;
}

async function codeAsItIs(): Promise<string | undefined> {
  const bundle = await bundleStage({ root: root(), file: STAGE, home: HOME });
  return bundle.ok ? bundle.value.hash : undefined;
}

function begin(specifiers: readonly string[]): void {
  rmSync(path('work'), { recursive: true, force: true });
  put(`project/${STAGE}`, stageOf(specifiers));
  for (const file of ['project/stages/x.js', 'project/stages/y.ts', 'project/stages/deep/z.ts'])
    put(file, value('first'));
  for (const file of ['node_modules/pkg/index.js', 'project/node_modules/@scope/one/index.js'])
    put(file, value('first'));
  put('beside/index.ts', value('first'));
  put('beside/other.ts', value('other'));
  apply({ kind: 'link', to: 'beside' });
  for (const to of ['one', 'two']) put(`${to}/w.ts`, value(to));
  for (const at of WAYS) apply({ kind: 'way', at, to: 'one' });
  symlinkSync(path('work/beside/way'), path('work/project/ways/on'));
}

describe('what is remembered of a stage’s code', () => {
  test('is never other than its code, whatever files come, change and go', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(SPECIFIERS, { minLength: 2 }),
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        async (specifiers, edits) => {
          begin(specifiers);
          const memo = openMemo(path('memo'));
          expect(await codeOf(memo)).toBe(await codeAsItIs());
          for (const one of edits) {
            apply(one);
            expect(await codeOf(memo), JSON.stringify(one)).toBe(await codeAsItIs());
          }
        },
      ),
      { numRuns: Number(process.env['MLLOOP_PROPERTY_RUNS'] ?? 150) },
    );
    expect(recalled).toBeGreaterThan(50);
  });
});
