import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../data/temporary-folder.ts';

const inFolder = temporaryFolder();

const MAIN = `import { mapStacks } from ${JSON.stringify(fileURLToPath(new URL('../../lib/util/map-stacks.ts', import.meta.url)))};
import { fails } from './fails.ts';
mapStacks();
class Odd extends Error {
  override toString(): string { throw new Error('not even that'); }
}
for (const how of [Error, TypeError, Odd]) {
  try { fails(how); } catch (error) { console.log((error as Error).stack); }
}
`;

const FAILS = `interface Kind { new (text: string): Error }

export function fails(kind: Kind): never {
  throw new kind('no luck');
}
`;

beforeEach(async () => {
  writeFileSync(inFolder('main.ts'), MAIN);
  writeFileSync(inFolder('fails.ts'), FAILS);
  const entry = inFolder('main.ts');
  await build({
    entryPoints: [entry],
    outfile: inFolder('out.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    minifyWhitespace: true,
    sourcemap: true,
  });
});

const stacks = (): string[] =>
  execFileSync(process.execPath, [inFolder('out.mjs')], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => !line.includes('node:internal'));

test('a stack names the lines of the sources, whatever kind of error it is of', () => {
  const [fails, main] = [inFolder('fails.ts'), inFolder('main.ts')];
  const places = [`    at fails (${fails}:4:9)`, `    at ${main}:8:9`];
  expect(stacks()).toEqual(['Error: no luck', ...places, 'TypeError: no luck', ...places, 'Error', ...places, '']);
});

test.each([
  ['is gone', () => rmSync(inFolder('out.mjs.map'))],
  ['is none', () => writeFileSync(inFolder('out.mjs.map'), 'rubbish')],
  [
    'names nothing',
    () => writeFileSync(inFolder('out.mjs.map'), '{"version":3,"sources":[],"names":[],"mappings":""}'),
  ],
])('where the map %s it names those of the code that ran', (_, spoil) => {
  spoil();
  expect(stacks()[1]).toMatch(/^ {4}at fails \(file:\/\/.*\/out\.mjs:\d+:\d+\)$/);
});
