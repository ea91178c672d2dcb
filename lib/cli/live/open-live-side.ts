import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogPolicy } from '../../domain/pipeline.ts';
import type { StateFolder } from '../../runner/state.ts';
import type { ServerPlugin } from '../../serve/build-server.ts';
import { feedbackRoutes } from '../../serve/live/feedback-routes.ts';
import { createLiveLog, type LiveEvent, type LiveLog } from '../../serve/live/live-log.ts';
import { createLogThread, type LogThread } from '../../serve/live/log-thread.ts';
import { recordMetrics } from '../../serve/live/record-metrics.ts';
import { pageRoutes } from '../../serve/page/page-routes.ts';
import type { Clock } from '../../util/clock.ts';
import type { Installation } from '../io.ts';
import { builtFile } from '../project.ts';
import type { LogThreadStart } from './log-writer.ts';

export interface LiveSideOptions {
  readonly state: StateFolder;
  readonly policy: LogPolicy;
  /** What whoever gives feedback has to bear. */
  readonly token: string | undefined;
  readonly clock: Clock;
  readonly installation: Installation;
}

export interface LiveSide {
  readonly log: LiveLog;
  readonly plugins: readonly ServerPlugin[];
}

/** Milliseconds between two sweeps of what waited too long for a label. */
const SWEEP_MS = 3_600_000;

/** What a server needs to keep predictions and labels, and to show itself to people. */
export function openLiveSide({ state, policy, token, clock, installation }: LiveSideOptions): LiveSide {
  const start: LogThreadStart = { file: state.database, state: state.folder, policy, sweepMs: SWEEP_MS };
  const writer = createLogThread({ file: builtFile(installation.built, 'log-thread'), start });
  const log = createLiveLog({ writer, keepsInputs: policy.inputs !== 'none', clock });
  const script = readFileSync(join(installation.built, 'page.browser.js'), 'utf8');
  return {
    log,
    plugins: [
      startWriter(writer),
      tellEvents(log),
      recordMetrics(log),
      feedbackRoutes({ log, token }),
      pageRoutes(script),
    ],
  };
}

/** Where cores are few, a thread that starts beside those that load the first models would take a core from them. */
const startWriter =
  (writer: LogThread): ServerPlugin =>
  (_, { models }) =>
    void models.settled().then(writer.start);

/** What happens to the record stands in the server's own log. */
const tellEvents =
  (live: LiveLog): ServerPlugin =>
  (app) =>
    live.watch((event) => {
      const { lost, waiting } = live.counts();
      app.log[LEVELS[event.type]](
        { event: `record-${event.type}`, ...event, type: undefined, lost, waiting },
        TEXTS[event.type],
      );
    });

const LEVELS = { stuck: 'error', lost: 'error', recovered: 'info' } as const satisfies Record<
  LiveEvent['type'],
  string
>;

const TEXTS: Readonly<Record<LiveEvent['type'], string>> = {
  stuck: 'predictions cannot be put on record at the moment; answers go on',
  lost: 'predictions that were answered will not be on record',
  recovered: 'predictions are put on record again',
};
