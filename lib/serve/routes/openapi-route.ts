import fastify, { type FastifyInstance, type RouteOptions } from 'fastify';
import { DESCRIBING } from './schemas.ts';

/** `/openapi.json`, of all routes that are added after it. */
export function openApiRoute(app: FastifyInstance, version: string): void {
  const routes: RouteOptions[] = [];
  let document: Promise<object> | undefined;
  app.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') routes.push(route);
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => {
    document ??= describeRoutes(routes, version);
    return document;
  });
}

/** What writes the document is loaded when it is first asked for: most servers never are, and all would be ready later. */
async function describeRoutes(routes: readonly RouteOptions[], version: string): Promise<object> {
  const { default: swagger } = await import('@fastify/swagger');
  const app = fastify({ schemaController: DESCRIBING, exposeHeadRoutes: false });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'mlloop', description: 'A model server: Open Inference Protocol, version 2.', version },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
  });
  for (const { method, url, schema = {} } of routes) app.route({ method, url, schema, handler: () => undefined });
  await app.ready();
  return app.swagger();
}
