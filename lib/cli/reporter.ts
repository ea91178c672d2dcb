import type { Reporter } from '../domain/event.ts';
import { formatFailure } from '../domain/failure.ts';
import type { Io } from './io.ts';
export const createReporter =
  (io: Io): Reporter =>
  (event) => {
    if (event.type === 'stage-ended')
      io.stderr(
        `${event.stage} ${event.status} ${Math.round(event.durationMs)} ${event.why}\n${event.failure ? formatFailure(event.failure) : ''}\n${event.logTail.join('\n')}\n${event.logFile ?? ''}\n${event.resume ?? ''}\n`,
      );
  };
