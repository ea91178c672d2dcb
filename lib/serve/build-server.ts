import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify';
import type { Failure } from '../domain/failure.ts';
import type { Clock } from '../util/clock.ts';
import { answerClientError, answerExpectation } from './client-errors.ts';
import { createAdmission } from './door/admission.ts';
import { standAtTheDoor } from './door/front-door.ts';
import { createTurnGate } from './door/turn-gate.ts';
import { answerError, handleErrors } from './errors.ts';
import { DEFAULT_LIMITS, type ServeLimits } from './limits.ts';
import { logEvent } from './log-event.ts';
import { metricsRoutes } from './metrics/metrics-routes.ts';
import { createServerMetrics } from './metrics/server-metrics.ts';
import { createModelTable, type ModelTable } from './model-table.ts';
import { createPredictor } from './predict.ts';
import type { PredictionLog } from './prediction-log.ts';
import { takeRawBodies } from './routes/body.ts';
import { healthRoutes } from './routes/health-routes.ts';
import { inferRoutes } from './routes/infer-routes.ts';
import { metadataRoutes } from './routes/metadata-routes.ts';
import { mlflowRoutes } from './routes/mlflow-routes.ts';
import type { ServerParts, ServerState } from './server-parts.ts';
import { watchSilent } from './silent-connections.ts';
import { stopServer } from './stop-server.ts';
import { createKilledThreads } from './thread/killed-threads.ts';
import type { VersionFeed } from './version-feed.ts';

/**
 * Something the server also does: a feedback endpoint, a page, a check of who asks. It is called once, before the server is
 * ready, with fastify and the server's parts, and adds its routes and hooks. Routes with a `body` schema are checked by ajv,
 * which neither coerces nor removes; every error becomes `{"error": …}` by itself.
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

const NO_LOG: PredictionLog = { record: () => undefined };

/** Milliseconds between two looks for requests that have waited too long. */
const SWEEP_MS = 250;

/** A turn of the event loop takes requests for this part of the deadline: a request may have to wait for two of them. */
const TURN_SHARE = 8;

/** Milliseconds between two looks for clients that take too long, at most. */
const CHECKING_MS = 2000;

/** The model server, not listening yet: `app.listen` makes it, `app.inject` asks it without a socket. */
export async function buildServer(options: ServerOptions): Promise<Server> {
  const { feed, threadFile, version, alias, clock, predictions = NO_LOG, plugins = [] } = options;
  const { logger = false, logRequests = false, onHung } = options;
  const limits: ServeLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const app = fastify({
    logger,
    logController: new LogController({ disableRequestLogging: !logRequests }),
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.receiveMs,
    http: {
      requireHostHeader: false,
      headersTimeout: limits.receiveMs,
      connectionsCheckingInterval: Math.min(CHECKING_MS, limits.receiveMs),
    },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) =>
      answerError(error, { request, reply, maxBodyBytes: limits.maxBodyBytes }),
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false } },
  });
  const state: ServerState = { isStopping: false };
  const silent = watchSilent(app.server);
  const metrics = createServerMetrics({ alias, lines: () => models.lines() });
  const killed = createKilledThreads();
  let hasAnswered = false;
  const models: ModelTable = createModelTable({
    feed,
    threadFile,
    limits,
    clock,
    killed,
    onBatch: metrics.batchAnswered,
    onEvent: (event) => {
      if (event.type === 'loaded') hasAnswered = true;
      metrics.modelEvent(event);
      logEvent(app.log, event);
      if (event.type === 'refused' && event.failure.code === 'SERVE_LOAD_TIMEOUT' && !hasAnswered) {
        onHung?.(event.failure);
      }
    },
  });
  // Threads take a while to start, in which the rest is set up.
  models.follow();
  const predictor = createPredictor({ models, log: predictions, clock, metrics });
  const gate = createTurnGate({
    budgetMs: limits.deadlineMs / TURN_SHARE,
    // A batch is always read; the door and the hook behind it both look.
    atLeast: 2 * limits.batchRows,
    clock,
  });
  const admission = createAdmission({ gate, models, limits, metrics });
  const parts: ServerParts = { models, predictor, admission, metrics, limits, clock, version, state };
  // With a line in the log for every request, every request goes where that is written.
  if (!logRequests) standAtTheDoor(app.server, { refusal: admission.refusal });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'mlloop', description: 'A model server: Open Inference Protocol, version 2.', version },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
  });
  app.server.on('checkExpectation', answerExpectation);
  handleErrors(app, limits.maxBodyBytes);
  metricsRoutes(app, metrics);
  takeRawBodies(app);
  healthRoutes(app, parts);
  metadataRoutes(app, parts);
  inferRoutes(app, parts);
  mlflowRoutes(app, parts);
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  for (const plugin of plugins) await plugin(app, parts);
  const timers = [setInterval(() => models.follow(), limits.pollMs), setInterval(() => models.sweep(), SWEEP_MS)];
  app.addHook('onClose', async () => {
    await models.close();
    for (const timer of timers) clearInterval(timer);
  });
  await app.ready();
  return { app, parts, stop: () => stopServer(app, parts, silent), unended: () => killed.count() };
}
