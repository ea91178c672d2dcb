import { mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pack, unpack } from '../../lib/exchange/pack.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';

const path = temporaryFolder();

test('an archive that ends too early is refused, and nothing is written any more once that is said', async () => {
  mkdirSync(path('state', 'deep', 'down'), { recursive: true });
  for (let at = 0; at < 60; at++) writeFileSync(path('state', 'deep', 'down', `file-${at}`), 'x'.repeat(3000));
  await pack(path('state'), path('state.tar'));
  truncateSync(path('state.tar'), 100_000);
  for (let round = 0; round < 10; round++) {
    const folder = path(`out-${round}`);
    mkdirSync(folder);
    const unpacked = unpack(path('state.tar'), folder);
    const names = () => readdirSync(folder, { recursive: true }).length;
    const before = names();
    for (let turn = 0; turn < 50; turn++) await stat(join(folder, '.'));
    expect([unpacked.ok, names()]).toEqual([false, before]);
  }
});
