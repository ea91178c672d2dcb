import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { failureText } from '../../domain/failure.ts';
import { isFault } from '../predict.ts';
import type { ServerParts } from '../server-parts.ts';
import { ErrorSchema, ModelParams, VersionParams } from './schemas.ts';
import { sendFault } from './send.ts';

const Live = Type.Object({ live: Type.Boolean() });
const Ready = Type.Object({ ready: Type.Boolean(), live: Type.Boolean(), error: Type.Optional(Type.String()) });
const ModelReady = Type.Object({ name: Type.String(), ready: Type.Boolean(), error: Type.Optional(Type.String()) });

/** Is the server there, and can it answer. The protocol's text gives readiness the body `live`, so both fields are in it. */
export function healthRoutes(app: FastifyInstance, { models, predictor, state }: ServerParts): void {
  app.get(
    '/v2/health/live',
    { schema: { summary: 'Is the server there?', tags: ['health'], response: { 200: Live } } },
    async () => ({ live: true }),
  );

  app.get(
    '/v2/health/ready',
    { schema: { summary: 'Can every model answer?', tags: ['health'], response: { 200: Ready, 503: Ready } } },
    async (_, reply) => {
      const isReady = !state.isStopping && models.isReady();
      return reply
        .code(isReady ? 200 : 503)
        .send({ ready: isReady, live: true, ...(isReady ? {} : { error: whyNot() }) });
    },
  );

  const whyNot = (): string => {
    if (state.isStopping) return 'The server is stopping.';
    const lines = models.lines();
    if (lines.length === 0) return 'No model is deployed yet. Deploy one with: npm run pipeline';
    return lines
      .filter(({ serving }) => serving === undefined)
      .map(({ line, failure }) => `${line}: ${failure === undefined ? 'it is being loaded' : failureText(failure)}`)
      .join(' ');
  };

  const ready = (summary: string) => ({
    summary,
    tags: ['health'],
    response: { 200: ModelReady, 404: ErrorSchema, 503: ModelReady },
  });
  const tell = (line: string, version: string | undefined, reply: Parameters<typeof sendFault>[0]): void => {
    const chosen = predictor.choose(line, version);
    if (!isFault(chosen)) return void reply.send({ name: line, ready: true });
    if (chosen.status === 404) return sendFault(reply, chosen);
    return void reply.code(503).send({ name: line, ready: false, error: chosen.error });
  };
  app.get<{ Params: ModelParams }>(
    '/v2/models/:model/ready',
    { schema: { ...ready('Can this model answer?'), params: ModelParams } },
    ({ params }, reply) => tell(params.model, undefined, reply),
  );
  app.get<{ Params: VersionParams }>(
    '/v2/models/:model/versions/:version/ready',
    { schema: { ...ready('Can this version answer?'), params: VersionParams } },
    ({ params }, reply) => tell(params.model, params.version, reply),
  );
}
