import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { formatFailure } from '../../lib/domain/failure.ts';
import { takeLock } from '../../lib/runner/lock.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';

const path = temporaryFolder();
const sqlite = createRequire(import.meta.url).resolve('better-sqlite3');

/** Another process that holds the lock the way a runner does, until it is killed. */
const HOLDER = `const Database = require(${JSON.stringify(sqlite)});
const database = new Database(process.argv[2]);
database.exec('BEGIN IMMEDIATE');
require('node:fs').writeFileSync(process.argv[2] + '.holder', JSON.stringify({ pid: process.pid, since: 1000 }));
process.send('held');
setInterval(() => {}, 1000);
`;

describe('the run lock', () => {
  test('is held by one, who is named to the next, and free again after', () => {
    const first = takeLock(path('a', 'lock.db'), { pid: 11, now: 1000 });
    if (!first.ok) throw new Error('nobody holds it');
    const second = takeLock(path('a', 'lock.db'), { pid: 12, now: 62_000 });
    expect(
      second.ok ? 'taken' : formatFailure(second.failure),
    ).toBe(`Another run is at work in this folder: pid 11, for 1 min 01 s.
Wait for it to end (with --wait this is done for you), or give this one a state of its own with --state DIR.`);
    first.value.release();
    const third = takeLock(path('a', 'lock.db'), { pid: 13, now: 1000 });
    expect(third.ok).toBe(true);
    if (third.ok) third.value.release();
  });

  test('held by one whose clock was ahead is of no age', () => {
    const first = takeLock(path('a', 'lock.db'), { pid: 11, now: 90_000 });
    const second = takeLock(path('a', 'lock.db'), { pid: 12, now: 62_000 });
    expect(second.ok ? 'taken' : second.failure.fields).toEqual({ pid: 11, age: '0 ms' });
    if (first.ok) first.value.release();
  });

  test('names nobody while its holder has not left its name', () => {
    const file = path('nameless.db');
    const database = new Database(file);
    database.exec('BEGIN IMMEDIATE');
    const second = takeLock(file, { pid: 12, now: 62_000 });
    expect(second.ok ? 'taken' : second.failure.fields).toEqual({ pid: 0, age: '0 ms' });
    database.close();
  });

  test.each(['null', '5', 'garbage', '{"pid":"x","since":"y"}', '{"pid":-1,"since":1}'])(
    'names nobody where the name is %s',
    (name) => {
      const file = path('badly-named.db');
      const first = takeLock(file, { pid: 11, now: 1000 });
      writeFileSync(`${file}.holder`, name);
      const second = takeLock(file, { pid: 12, now: 62_000 });
      expect(second.ok ? 'taken' : formatFailure(second.failure).split('\n')[0]).toBe(
        'Another run is at work in this folder; it has not left its name.',
      );
      if (first.ok) first.value.release();
    },
  );

  test('is to be had where its file was overwritten, and by one at a time', () => {
    const file = path('overwritten.db');
    writeFileSync(file, 'no database'.repeat(500));
    const first = takeLock(file, { pid: 11, now: 1000 });
    expect(first.ok).toBe(true);
    expect(takeLock(file, { pid: 12, now: 1000 }).ok).toBe(false);
    if (first.ok) first.value.release();
  });

  test('is freed by the kernel when its holder is killed', async () => {
    writeFileSync(path('holder.cjs'), HOLDER);
    const holder = spawn(process.execPath, [path('holder.cjs'), path('lock.db')], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(holder, 'message');
    const during = takeLock(path('lock.db'), { pid: 1, now: 3000 });
    expect(during.ok ? 'taken' : during.failure.fields).toEqual({ pid: holder.pid, age: '2.0 s' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const after = takeLock(path('lock.db'), { pid: 1, now: 3000 });
    expect(after.ok).toBe(true);
    if (after.ok) after.value.release();
  });
});
