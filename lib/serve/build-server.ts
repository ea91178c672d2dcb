import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import type { Failure } from '../domain/failure.ts';
import type { Clock } from '../util/clock.ts';
import { DEFAULT_LIMITS, type ServeLimits } from './limits.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import { createModelTable, type ModelEvent } from './model-table.ts';
import type { PredictionLog } from './prediction-log.ts';
import type { ServerParts } from './server-parts.ts';
import { createKilledThreads } from './thread/killed-threads.ts';
import type { VersionFeed } from './version-feed.ts';

/**
 * Something the server also does: a feedback endpoint, a page, a check of who asks. It is called once, before the server is
 * ready, with fastify and the server's parts, and adds its routes and hooks. Their schemas stand in the OpenAPI document and are
 * not checked: a route reads what it is sent itself. Every error becomes `{"error": …}` by itself.
 */
export type ServerPlugin = (app: FastifyInstance, parts: ServerParts) => void | Promise<void>;

export interface ServerOptions {
  readonly feed: VersionFeed;
  /** The built entry of a thread that answers: `serve-thread.mjs`. */
  readonly threadFile: string;
  /** mlloop's own version. */
  readonly version: string;
  /** The alias whose versions the feed tells. */
  readonly alias: string;
  readonly clock: Clock;
  /** Where predictions are written down; nowhere when it is left out. */
  readonly predictions?: PredictionLog;
  readonly plugins?: readonly ServerPlugin[];
  readonly limits?: Partial<ServeLimits>;
  /** Pino's options, or false for no log. */
  readonly logger?: FastifyServerOptions['logger'];
  /** Whether every request has its lines in the log, which costs time. */
  readonly logRequests?: boolean;
  /** Told when a version was given up that hung while it was loaded, and nothing has answered before. */
  readonly onHung?: (failure: Failure) => void;
}

export interface Server {
  readonly app: FastifyInstance;
  readonly parts: ServerParts;
  /** Not ready from now on; finishes what is under way, and ends. */
  stop(): Promise<void>;
  /** How many threads were killed and have not ended. A process does not end before its threads, unless it is killed. */
  unended(): number;
}

/** The model server, not listening yet: `app.listen` makes it, `app.inject` asks it without a socket. */
export async function buildServer(options: ServerOptions): Promise<Server> {
  const { feed, threadFile, clock } = options;
  const limits: ServeLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const killed = createKilledThreads();
  const early: ModelEvent[] = [];
  let onEvent = (event: ModelEvent): void => void early.push(event);
  let metrics: ServerMetrics | undefined;
  const models = createModelTable({
    feed,
    threadFile,
    limits,
    clock,
    killed,
    onBatch: (version, report) => metrics?.batchAnswered(version, report),
    onEvent: (event) => onEvent(event),
  });
  models.follow();
  // Threads take as long to load their models as this thread does to load what speaks HTTP: they begin before it.
  const { assemble } = await import('./assemble.ts');
  return assemble(options, {
    models,
    limits,
    killed,
    watch: (tell, counted) => {
      onEvent = tell;
      metrics = counted;
      for (const event of early.splice(0)) tell(event);
    },
  });
}
