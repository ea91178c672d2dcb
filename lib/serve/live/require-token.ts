import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A hook that lets a request pass, or answers it. */
export type Guard = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** As long for every token, so that how long comparing takes says nothing of it. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Lets only those pass who bear the token (RFC 6750); everybody where there is none. */
export function requireToken(token: string | undefined): Guard {
  if (token === undefined) return async () => undefined;
  const expected = digest(token);
  return async ({ headers }, reply) => {
    const [, given] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return undefined;
    const error =
      given === undefined
        ? 'A token is needed here: send it in the header Authorization, as Bearer TOKEN.'
        : 'This is not the token of this server.';
    return reply
      .code(401)
      .header('www-authenticate', `Bearer realm="mlloop"${given === undefined ? '' : ', error="invalid_token"'}`)
      .send({ error });
  };
}
