import type { FastifyInstance } from 'fastify';
import { sendFault } from './routes/send.ts';

/** Every error leaves as `{"error": …}`, whoever found it. */
export function handleErrors(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send({ error: `There is no ${request.method} ${request.url.slice(0, 200)}.` });
  });
  app.setErrorHandler((error, request, reply) => {
    const { statusCode, message } = error as { readonly statusCode?: number; readonly message: string };
    if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
      return reply.code(statusCode).send({ error: message });
    }
    request.log.error({ err: error }, 'a request was not answered');
    return sendFault(reply, { status: 500, error: 'The server could not answer. Its log says why.' });
  });
}
