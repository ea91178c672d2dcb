import fastify, { LogController } from 'fastify';
import type { Server, ServerOptions } from './build-server.ts';
import { answerClientError, answerExpectation } from './client-errors.ts';
import { createAdmission } from './door/admission.ts';
import { standAtTheDoor } from './door/front-door.ts';
import { createTurnGate } from './door/turn-gate.ts';
import { answerError, handleErrors } from './errors.ts';
import type { ServeLimits } from './limits.ts';
import { logEvent } from './log-event.ts';
import { metricsRoutes } from './metrics/metrics-routes.ts';
import { createServerMetrics, type ServerMetrics } from './metrics/server-metrics.ts';
import type { ModelEvent, ModelTable } from './model-table.ts';
import { createPredictor } from './predict.ts';
import type { PredictionLog } from './prediction-log.ts';
import { takeRawBodies } from './routes/body.ts';
import { healthRoutes } from './routes/health-routes.ts';
import { inferRoutes } from './routes/infer-routes.ts';
import { metadataRoutes } from './routes/metadata-routes.ts';
import { mlflowRoutes } from './routes/mlflow-routes.ts';
import { openApiRoute } from './routes/openapi-route.ts';
import { DESCRIBING } from './routes/schemas.ts';
import type { ServerParts, ServerState } from './server-parts.ts';
import { watchSilent } from './silent-connections.ts';
import { stopServer } from './stop-server.ts';
import type { KilledThreads } from './thread/killed-threads.ts';

/** What is there before the server is put together. */
export interface Foundation {
  readonly models: ModelTable;
  readonly limits: ServeLimits;
  readonly killed: KilledThreads;
  /** Whoever watches the models, from now on; what has happened before is told at once. */
  watch(onEvent: (event: ModelEvent) => void, metrics: ServerMetrics): void;
}

const NO_LOG: PredictionLog = { record: () => undefined };

/** Milliseconds between two looks for requests that have waited too long. */
const SWEEP_MS = 250;

/** A turn of the event loop takes requests for this part of the deadline: what it refuses and answers comes on top, and the next one waits. */
const TURN_SHARE = 25;

/** Milliseconds between two looks for clients that take too long, at most. */
const CHECKING_MS = 2000;

/** Everything of the server that speaks HTTP. */
export async function assemble(options: ServerOptions, foundation: Foundation): Promise<Server> {
  const { version, alias, clock, predictions = NO_LOG, plugins = [], logger = false, logRequests = false } = options;
  const { models, limits, killed } = foundation;
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
    schemaController: DESCRIBING,
  });
  const state: ServerState = { isStopping: false };
  const silent = watchSilent(app.server);
  const metrics = createServerMetrics({ alias, lines: () => models.lines() });
  let hasAnswered = false;
  foundation.watch((event) => {
    if (event.type === 'loaded') hasAnswered = true;
    metrics.modelEvent(event);
    logEvent(app.log, event);
    if (event.type === 'refused' && event.failure.code === 'SERVE_LOAD_TIMEOUT' && !hasAnswered) {
      options.onHung?.(event.failure);
    }
  }, metrics);
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
  app.server.on('checkExpectation', answerExpectation);
  openApiRoute(app, version);
  handleErrors(app, limits.maxBodyBytes);
  metricsRoutes(app, metrics, clock);
  takeRawBodies(app);
  healthRoutes(app, parts);
  metadataRoutes(app, parts);
  inferRoutes(app, parts);
  mlflowRoutes(app, parts);
  for (const plugin of plugins) await plugin(app, parts);
  const timers = [setInterval(() => models.follow(), limits.pollMs), setInterval(() => models.sweep(), SWEEP_MS)];
  app.addHook('onClose', async () => {
    await models.close();
    for (const timer of timers) clearInterval(timer);
  });
  await app.ready();
  return { app, parts, stop: () => stopServer(app, parts, silent), unended: () => killed.count() };
}
