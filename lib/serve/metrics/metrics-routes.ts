import type { FastifyInstance } from 'fastify';
import type { ServerMetrics } from './server-metrics.ts';

/** Watches every request, and shows what was measured. Called before any route is added. */
export function metricsRoutes(app: FastifyInstance, { registry, requestBegun, requestEnded }: ServerMetrics): void {
  app.addHook('onRequest', (request, reply, done) => {
    requestBegun();
    // A client that hangs up ends its request as well.
    reply.raw.once('close', () => {
      requestEnded(request.routeOptions.url ?? 'none', reply.raw.statusCode, reply.elapsedTime);
    });
    done();
  });
  app.get(
    '/metrics',
    { schema: { summary: 'What Prometheus scrapes.', tags: ['server'], produces: ['text/plain'] } },
    async (_, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  );
}
