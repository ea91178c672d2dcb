import { createLogUpdate } from 'log-update';
import type { Reporter } from '../domain/event.ts';
import { createLiveReporter } from '../report/console/live-reporter.ts';
import { createPlainReporter } from '../report/console/plain-reporter.ts';
import type { Io } from './io.ts';

/** A view that is redrawn where a person watches a terminal, and plain lines everywhere else. */
export const createReporter = (io: Io): Reporter => {
  if (!io.isLive) return createPlainReporter(io.stderr);
  const area = createLogUpdate(process.stderr);
  return createLiveReporter({
    update: (text) => area(text),
    persist: (text) => {
      // Written past the library, which would break long lines where a terminal wraps them by itself.
      area.clear();
      io.stderr(`${text}\n`);
    },
    done: () => area.done(),
  });
};
