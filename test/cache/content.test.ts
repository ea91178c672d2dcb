import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contentOf, readContent, stampOf } from '../../lib/cache/content.ts';
import { noMemo } from '../../lib/cache/memo.ts';
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

  test('never hands out an object somebody put a link into nowhere in', async () => {
    const store = openStore(path('objects'));
    const { hash } = await store.take(folder('out', { a: 'x' }));
    symlinkSync('nowhere', join(store.pathOf(hash), 'b'));
    expect(await store.isWhole(hash)).toBe(false);
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

describe('what nobody can read', () => {
  test.each<[string, string, string, (place: string) => void]>([
    ['a link to nothing', 'sub/b', 'it is a link to nothing', (place) => symlinkSync('nowhere', place)],
    [
      'a link that leads back',
      'sub/b',
      'it is a link to a folder that it lies in',
      (place) => symlinkSync('..', place),
    ],
    ['a pipe', 'sub/b', 'it is neither a file nor a folder', (place) => void execFileSync('mkfifo', [place])],
    [
      'a name that is no text',
      'sub/\ufffd',
      'its name is not UTF-8',
      (place) => writeFileSync(Buffer.concat([Buffer.from(place.slice(0, -1)), Buffer.of(0xe9)]), ''),
    ],
  ])('%s is told by its place', async (_, name, why, make) => {
    const where = folder('odd', { a: '1' });
    make(path('odd', name));
    expect(await readContent(where, noMemo)).toEqual({ ok: false, failure: { path: path('odd', name), why } });
  });

  test('is no folder that is linked to twice, or from outside of it', async () => {
    folder('one', { a: '1' });
    const two = folder('two', {});
    symlinkSync('../one', path('two', 'x'));
    symlinkSync('../one', path('two', 'y'));
    expect(await contentOf(two)).toMatchObject({ files: 2, sizeBytes: 2 });
  });
});

test.each(['a file', 'a folder'])('the stamp of %s is known without reading it', async (kind) => {
  const where = folder('one', { a: '1', 'sub/b': '2' });
  const what = kind === 'a file' ? join(where, 'a') : where;
  const { stamp } = await contentOf(what);
  expect(stampOf(what)).toBe(stamp);
  writeFileSync(join(where, 'a'), '3');
  expect(stampOf(what)).not.toBe(stamp);
});

test('a text that is put into the store again takes the place of one that was damaged there', () => {
  const store = openStore(path('objects'));
  const hash = store.put('code');
  chmodSync(store.pathOf(hash), 0o644);
  writeFileSync(store.pathOf(hash), 'other');
  expect(store.put('code')).toBe(hash);
  expect(readFileSync(store.pathOf(hash), 'utf8')).toBe('code');
  expect(readdirSync(dirname(store.pathOf(hash)))).toEqual([hash]);
});
