import { join } from 'node:path';
import { HOME } from './project.ts';

/** What a command's environment has to hold so that its clock is so many days ahead. */
export const daysLater = (days: number): Record<string, string> => ({
  NODE_OPTIONS: `--import=${join(HOME, 'test', 'rig', 'later.mjs')}`,
  MLLOOP_TEST_LATER_MS: String(days * 86_400_000),
});
