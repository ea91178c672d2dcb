import type { LiveWrites } from '../../domain/live.ts';
import type { CommitOutcome, ExpiredRows } from './live-log.ts';

/** From the server to the thread that writes the log. */
export type ToLogThread = { readonly type: 'write'; readonly writes: LiveWrites } | { readonly type: 'close' };

/** From the thread that writes the log. */
export type FromLogThread =
  | { readonly type: 'outcome'; readonly outcome: CommitOutcome }
  /** Inputs and answers that waited too long for a label, and were deleted. */
  | ({ readonly type: 'expired' } & ExpiredRows);
