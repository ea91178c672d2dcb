import { mkdirSync, renameSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contentOf } from '../../lib/cache/content.ts';
import { openStore } from '../../lib/cache/store.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';

const path = temporaryFolder();

function folder(name: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(path(name, 'sub'), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(path(name, file), text);
  return path(name);
}

const hashOf = async (where: string): Promise<string> => (await contentOf(where)).hash;

describe('the content of a folder', () => {
  test('is its files’ names and bytes, whatever its own name, times and order of writing', async () => {
    const one = folder('one', { a: '1', 'sub/b': '2' });
    const two = folder('two', { 'sub/b': '2', a: '1' });
    utimesSync(join(two, 'a'), 1, 1);
    expect(await hashOf(two)).toBe(await hashOf(one));
    expect(await contentOf(one)).toMatchObject({ files: 2, sizeBytes: 2 });
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['another byte', { a: '1', 'sub/b': '3' }],
    ['another name', { a: '1', 'sub/c': '2' }],
    ['another place', { a: '1', b: '2' }],
    ['a file more', { a: '1', 'sub/b': '2', c: '' }],
    ['bytes that moved from one file to the next', { a: '12', 'sub/b': '' }],
  ])('is another one with %s', async (_, files) => {
    expect(await hashOf(folder('other', files))).not.toBe(await hashOf(folder('one', { a: '1', 'sub/b': '2' })));
  });

  test('is that of what a link points at', async () => {
    const one = folder('one', { a: '1' });
    symlinkSync(one, path('link'));
    expect(await hashOf(path('link'))).toBe(await hashOf(one));
  });
});

describe('the store', () => {
  test('takes a folder in, read-only, under its hash', async () => {
    const store = openStore(path('objects'));
    const source = folder('out', { a: 'x' });
    const { hash } = await store.take(source);
    expect(store.has(hash)).toBe(true);
    expect(statSync(join(store.pathOf(hash), 'a')).mode & 0o222).toBe(0);
    expect(() => statSync(source)).toThrow(/ENOENT/);
    expect(await store.isWhole(hash)).toBe(true);
  });

  test('keeps one object for the same content', async () => {
    const store = openStore(path('objects'));
    const first = await store.take(folder('out', { a: 'x' }));
    const second = await store.take(folder('again', { a: 'x' }));
    expect(second.hash).toBe(first.hash);
  });

  test('never hands out a damaged object, and takes its replacement', async () => {
    const store = openStore(path('objects'));
    const { hash } = await store.take(folder('out', { a: 'x' }));
    renameSync(join(store.pathOf(hash), 'a'), join(store.pathOf(hash), 'b'));
    expect(await store.isWhole(hash)).toBe(false);
    await store.take(folder('again', { a: 'x' }));
    expect(await store.isWhole(hash)).toBe(true);
  });
});
