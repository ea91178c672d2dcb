import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Memo, openMemo } from '../../lib/cache/memo.ts';
import { recallProject } from '../../lib/cli/recall-project.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { HOME } from '../rig/project.ts';

const path = temporaryFolder();

const write = (name: string): void =>
  writeFileSync(
    path('pipeline.yaml'),
    `name: ${name}\nseed: 1\nstages: { a: { cmd: [touch, "{outs.x}"], outs: { x: file } } }\n`,
  );

test('what is remembered of a pipeline.yaml is what was read of it, also where it is written to meanwhile', async () => {
  const kept = openMemo(path('memo'));
  let isWritten = false;
  // It is asked when the file has been read, and before it is parsed.
  const memo: Memo = {
    ...kept,
    get: (kind, key) => {
      if (!isWritten) write('second');
      isWritten = true;
      return kept.get(kind, key);
    },
  };
  const installation = { home: HOME, built: join(HOME, 'built') };
  const nameNow = async (): Promise<string> => {
    const project = await recallProject(path('.'), {}, { memo, installation });
    return project.ok ? project.value.pipeline.name : JSON.stringify(project.failure);
  };
  write('first');
  expect(await nameNow()).toBe('first');
  expect(await nameNow()).toBe('second');
  write('first');
  expect(await nameNow()).toBe('first');
});
