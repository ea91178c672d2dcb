import type { Reporter } from '../domain/event.ts';
import { createPlainReporter } from '../report/console/plain-reporter.ts';
import type { Io } from './io.ts';

/** A view that is redrawn where a person watches a terminal, and plain lines everywhere else. */
export async function createReporter(io: Io): Promise<Reporter> {
  if (!io.isLive) return createPlainReporter(io.stderr);
  // Only who watches waits for what draws.
  const [{ createLogUpdate }, { createLiveReporter }] = await Promise.all([
    import('log-update'),
    import('../report/console/live-reporter.ts'),
  ]);
  const area = createLogUpdate(process.stderr);
  const live = {
    update: (text: string): void => area(text),
    persist: (text: string): void => {
      // Written past the library, which would break long lines where a terminal wraps them by itself.
      area.clear();
      io.stderr(`${text}\n`);
    },
    done: (): void => area.done(),
  };
  return createLiveReporter(live, io.columns);
}
