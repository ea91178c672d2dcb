import { expect, test } from 'vitest';
import type { Io } from '../../lib/cli/io.ts';
import { tagVerb } from '../../lib/cli/tag-verb.ts';
import { systemClock } from '../../lib/util/clock.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { logWithVersion } from '../runlog/log.ts';

const path = temporaryFolder();

test('a tag may be called like something every object has', async () => {
  logWithVersion(path('runs.db')).log.close();
  let [stdout, stderr] = ['', ''];
  const io: Io = {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    env: {},
    cwd: path('.'),
    clock: systemClock,
    signal: new AbortController().signal,
    onAtOnce: () => undefined,
    isLive: false,
    columns: 100,
    room: undefined,
  };
  expect(await tagVerb('v1', ['__proto__=a'], {}, io)).toBe(0);
  expect(stdout).toBe('digits v1: __proto__=a\n');
  expect(await tagVerb('v1', [], { remove: ['constructor'] }, io)).toBe(2);
  expect(stderr).toContain("digits v1 has no tag 'constructor'");
});
