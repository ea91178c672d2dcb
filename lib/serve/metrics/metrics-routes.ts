import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../util/clock.ts';
import type { ServerMetrics } from './server-metrics.ts';

/** Watches every request, and shows what was measured. Called before any route is added. */
export function metricsRoutes(
  app: FastifyInstance,
  { registry, requestBegun, requestEnded }: ServerMetrics,
  clock: Clock,
): void {
  app.addHook('onRequest', (request, reply, done) => {
    requestBegun();
    // Fastify's own measure is there only where something is logged.
    const startedMs = clock.elapsed();
    // A client that hangs up ends its request as well.
    reply.raw.once('close', () => {
      requestEnded(request.routeOptions.url ?? 'none', reply.raw.statusCode, clock.elapsed() - startedMs);
    });
    done();
  });
  app.get(
    '/metrics',
    { schema: { summary: 'What Prometheus scrapes.', tags: ['server'], produces: ['text/plain'] } },
    async (_, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  );
}
