import type { onRequestHookHandler } from 'fastify';
import { sendFault } from './routes/send.ts';
import type { ServerParts } from './server-parts.ts';

/** Refuses a request that this turn of the event loop has no time for, before its body is read. */
export const shedHook =
  ({ gate, metrics, limits }: Pick<ServerParts, 'gate' | 'metrics' | 'limits'>): onRequestHookHandler =>
  (_, reply, done) => {
    if (gate.admits()) return done();
    metrics.shed('event_loop');
    const error = `Too many requests are waiting: this one could not be answered within ${limits.deadlineMs} ms.`;
    return sendFault(reply, { status: 503, error, retryAfter: 1 });
  };
