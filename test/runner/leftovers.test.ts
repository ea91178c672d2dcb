import { expect, test } from 'vitest';
import { cancelAtOnce } from '../../lib/runner/leftovers.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { logWithVersion } from '../runlog/log.ts';

const path = temporaryFolder();

test('a run whose log is closed has nothing to cancel, and keeps nobody from cancelling the next one', () => {
  const { log } = logWithVersion(path('runs.db'));
  log.close();
  expect(() => cancelAtOnce(log, 1)).not.toThrow();
});
