import { expect, test } from 'vitest';
import { bufferRecords } from '../../lib/runner/record-buffer.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { logWithVersion } from '../runlog/log.ts';

const path = temporaryFolder();

test('records wait for a disk that is full when they are committed, and are written when it is not', () => {
  const { log, attempt } = logWithVersion(path('runs.db'));
  let isFull = true;
  const records = bufferRecords(
    {
      ...log,
      atomically: (work) =>
        log.atomically(() => {
          const result = work();
          if (isFull) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
          return result;
        }),
    },
    attempt,
  );
  for (let step = 0; step < 64; step++) records.add({ kind: 'metric', name: 'loss', value: step, step });
  isFull = false;
  records.flush();
  expect(log.prepare("SELECT count(*) FROM metric WHERE name = 'loss'").pluck().get()).toBe(64);
  log.close();
});
