import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HOME } from '../rig/project.ts';

test('a build that is used says so, because what nobody used for a day is taken away', async () => {
  const { buildOnce } = (await import(join(HOME, 'lib', 'cli', 'launch.mjs'))) as { buildOnce(): Promise<string> };
  const folder = await buildOnce();
  utimesSync(folder, 1, 1);
  expect(await buildOnce()).toBe(folder);
  expect(Date.now() - statSync(folder).mtimeMs).toBeLessThan(60_000);
});
