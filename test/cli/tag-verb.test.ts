import { expect, test } from 'vitest';
import { tagVerb } from '../../lib/cli/tag-verb.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { heardIo } from '../rig/heard-io.ts';
import { logWithVersion } from '../runlog/log.ts';

const path = temporaryFolder();

test('a tag may be called like something every object has', async () => {
  logWithVersion(path('runs.db')).log.close();
  const { io, stdout, stderr } = heardIo(path('.'));
  expect(await tagVerb('v1', ['__proto__=a'], {}, io)).toBe(0);
  expect(stdout()).toBe('digits v1: __proto__=a\n');
  expect(await tagVerb('v1', [], { remove: ['constructor'] }, io)).toBe(2);
  expect(stderr()).toContain("digits v1 has no tag 'constructor'");
});
