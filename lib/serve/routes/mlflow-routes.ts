import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { shedHook } from '../door/shed-hook.ts';
import { isFault } from '../predict.ts';
import { readInvocation } from '../protocol/invocation.ts';
import type { ServerParts } from '../server-parts.ts';
import { bodyOf } from './body.ts';
import { InvocationResponse, InvocationSchema } from './infer-schemas.ts';
import { ErrorSchema } from './schemas.ts';
import { sendFault, sendJson } from './send.ts';

const tags = ['MLflow'];

/** What clients of MLflow's scoring server ask for; the model that answers where none is named. */
export function mlflowRoutes(app: FastifyInstance, parts: ServerParts): void {
  const { models, predictor, limits, state, version } = parts;
  app.post(
    '/invocations',
    {
      onRequest: shedHook(parts.admission),
      schema: {
        tags,
        summary: 'Ask the model, as MLflow’s scoring protocol does.',
        body: InvocationSchema,
        response: { 200: InvocationResponse, 400: ErrorSchema, 503: ErrorSchema },
      },
    },
    (request, reply) => {
      const chosen = predictor.choose(undefined, undefined);
      if (isFault(chosen)) return sendFault(reply, chosen);
      const body = bodyOf(request);
      if (!body.ok) return sendFault(reply, body.failure);
      const read = readInvocation(body.value.json, { contract: chosen.contract, maxRows: limits.queueRows });
      if (!read.ok) return sendFault(reply, read.failure);
      return predictor.ask(chosen, read.value, (result) => {
        if (isFault(result)) return sendFault(reply, result);
        const { id, probabilities, rows } = result;
        const classes = chosen.contract.classes.length;
        const predictions = Array.from(
          { length: rows },
          (_, row) => `[${probabilities.subarray(row * classes, (row + 1) * classes).join(',')}]`,
        );
        const about = `"model_name":${JSON.stringify(chosen.line)},"model_version":"${chosen.version}","prediction_id":"${id}"`;
        return sendJson(reply, `{"predictions":[${predictions.join(',')}],${about}}`);
      });
    },
  );

  const ping = {
    schema: { tags, summary: 'Is the model loaded?', response: { 200: Type.String(), 404: ErrorSchema } },
  };
  for (const path of ['/ping', '/health']) {
    app.get(path, ping, (_, reply) => {
      if (!state.isStopping && models.isReady()) return sendJson(reply, '\n');
      // Not found is what MLflow says of a model that is not there.
      return sendFault(reply, { status: 404, error: 'No model is loaded; /v2/health/ready says why.' });
    });
  }
  app.get(
    '/version',
    { schema: { tags, summary: 'The server’s version.', response: { 200: Type.String() } } },
    (_, reply) => void reply.type('text/plain; charset=utf-8').send(version),
  );
}
