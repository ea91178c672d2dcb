import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendFault } from './routes/send.ts';

/** Characters of a client's own text that stand in an answer. */
const SHOWN = 200;

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Every error leaves as `{"error": …}`, whoever found it. Called before any route is added. */
export function handleErrors(app: FastifyInstance, maxBodyBytes: number): void {
  const paths = new Map<string, KnownPath>();
  app.addHook('onRoute', ({ url, method }) => {
    const pattern = new RegExp(`^${url.replace(/:[^/]+/g, '[^/]+').replace(/\/$/, '')}/?$`);
    const known = paths.get(url) ?? { pattern, methods: new Set() };
    for (const one of [method].flat()) known.methods.add(one);
    paths.set(url, known);
  });
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?');
    const methods = [...paths.values()].flatMap(({ pattern, methods: all }) => (pattern.test(path) ? [...all] : []));
    if (methods.length === 0)
      return sendFault(reply, { status: 404, error: `There is no ${path.slice(0, SHOWN)} here.` });
    const allowed = methods.sort().join(', ');
    reply.header('allow', allowed);
    return sendFault(reply, { status: 405, error: `${request.method} is not answered here; ${allowed} is.` });
  });
  app.setErrorHandler((error, request, reply) => answerError(error, { request, reply, maxBodyBytes }));
}

interface Where {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly maxBodyBytes: number;
}

/** Says what went wrong, as far as it is the client's business. */
export function answerError(error: unknown, { request, reply, maxBodyBytes }: Where): void {
  const { statusCode, message = '' } = error as { readonly statusCode?: number; readonly message?: string };
  const type = request.headers['content-type'];
  if (statusCode === 413) {
    return sendFault(reply, {
      status: 413,
      error: `The body is larger than the ${maxBodyBytes} bytes that are taken.`,
    });
  }
  if (statusCode === 415) {
    const sent =
      type === undefined
        ? 'The request has no content type'
        : `The content type '${type.slice(0, SHOWN)}' is not taken`;
    const takes = 'application/json, or application/octet-stream with the header Inference-Header-Content-Length';
    return sendFault(reply, { status: 415, error: `${sent}; send ${takes}.` });
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return sendFault(reply, { status: statusCode as 400, error: message });
  }
  request.log.error({ err: error }, 'a request met a bug');
  return sendFault(reply, { status: 500, error: 'The server met a bug. Its log says more.' });
}
