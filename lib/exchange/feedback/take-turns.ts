import type { RunLog } from '../../runlog/open.ts';
import type { FeedbackImport } from './import-feedback.ts';

/** Pages in the write-ahead log after which SQLite moves them into the file by itself. */
const CHECKPOINT_PAGES = 1000;

/**
 * Does one step after the other, each of them a transaction, and lets others write in between. False where it was told to stop: what
 * has been done stays.
 */
export async function takeTurns(
  { database }: RunLog,
  steps: readonly (() => void)[],
  { signal, clock, wait }: Pick<FeedbackImport, 'signal' | 'clock' | 'wait'>,
): Promise<boolean> {
  // The pages of many steps are moved when the lock has been let go of, and that is part of the pause.
  if (steps.length > 1) database.pragma('wal_autocheckpoint = 0');
  try {
    for (const [at, step] of steps.entries()) {
      if (signal.aborted) return false;
      const startMs = clock.elapsed();
      step();
      if (steps.length === 1) return true;
      const endMs = clock.elapsed();
      database.pragma('wal_checkpoint(PASSIVE)');
      if (at < steps.length - 1) await wait(Math.max(0, pauseAfter(endMs - startMs) - (clock.elapsed() - endMs)));
    }
    return true;
  } finally {
    database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  }
}

/**
 * How long to let go of a lock that was held so long, in milliseconds. SQLite has whoever waits for it look again and again, after
 * longer and longer rests: a pause as long as the rest it has come to by then is one it cannot miss.
 */
export const pauseAfter = (lockedMs: number): number => (lockedMs < 128 ? 25 : lockedMs < 228 ? 50 : 100);
