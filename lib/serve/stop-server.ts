import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { ServerParts } from './server-parts.ts';
import type { SilentConnections } from './silent-connections.ts';

/** Milliseconds between two looks for connections that have nothing to do any more. */
const IDLE_MS = 50;

/** Not ready from now on; answers what is under way, for as long as the grace lasts, and ends. */
export async function stopServer(
  app: FastifyInstance,
  { state, limits, models }: ServerParts,
  silent: SilentConnections,
): Promise<void> {
  if (!state.isStopping) app.log.info('stopping');
  state.isStopping = true;
  if (limits.drainMs > 0) await wait(limits.drainMs);
  // A connection whose last answer has gone out is kept for more, which will not come.
  const idle = setInterval(() => {
    app.server.closeIdleConnections();
    silent.close();
  }, IDLE_MS);
  const late = setTimeout(() => {
    app.log.warn({ graceMs: limits.graceMs }, 'requests were not finished in time');
    models.kill();
    app.server.closeAllConnections();
  }, limits.graceMs);
  await app.close();
  clearInterval(idle);
  clearTimeout(late);
  app.log.info('stopped');
}
