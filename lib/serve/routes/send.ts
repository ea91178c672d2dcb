import type { FastifyReply } from 'fastify';
import type { Fault } from '../fault.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Sends text that is JSON already. */
export const sendJson = (reply: FastifyReply, json: string): void => void reply.type(JSON_TYPE).send(json);

/** Sends why a request is not answered. */
export function sendFault(reply: FastifyReply, { status, error, retryAfter }: Fault): void {
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  reply.code(status);
  sendJson(reply, JSON.stringify({ error }));
}
