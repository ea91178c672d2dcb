import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ok, type Result } from '../../util/result.ts';
import { shedHook } from '../door/shed-hook.ts';
import type { Fault } from '../fault.ts';
import { isFault } from '../predict.ts';
import { type InferRequest, type InferRules, readInferRequest } from '../protocol/infer-request.ts';
import { encodeAnswer } from '../protocol/infer-response.ts';
import { scanInferRequest } from '../protocol/scan-request.ts';
import type { ServerParts } from '../server-parts.ts';
import { bodyOf, hasOnlyJson } from './body.ts';
import { InferHeaders, InferRequestSchema, InferResponseSchema } from './infer-schemas.ts';
import { ErrorSchema, ModelParams, VersionParams } from './schemas.ts';
import { sendFault, sendJson } from './send.ts';

const schema = {
  tags: ['inference'],
  consumes: ['application/json', 'application/octet-stream'],
  body: InferRequestSchema,
  headers: InferHeaders,
  response: { 200: InferResponseSchema, 400: ErrorSchema, 404: ErrorSchema, 503: ErrorSchema },
};

function readRequest(request: FastifyRequest, rules: InferRules): Result<InferRequest, Fault> {
  const scanned = hasOnlyJson(request) ? scanInferRequest(request.body, rules) : undefined;
  if (scanned !== undefined) return ok(scanned);
  const body = bodyOf(request);
  return body.ok ? readInferRequest(body.value, rules) : body;
}

/** The inference endpoints of the Open Inference Protocol. */
export function inferRoutes(app: FastifyInstance, parts: ServerParts): void {
  const { predictor, limits } = parts;
  const onRequest = shedHook(parts.admission);
  const infer = (request: FastifyRequest, reply: FastifyReply, line: string, version: string | undefined): void => {
    const chosen = predictor.choose(line, version);
    if (isFault(chosen)) return sendFault(reply, chosen);
    const read = readRequest(request, { contract: chosen.contract, maxRows: limits.queueRows });
    if (!read.ok) return sendFault(reply, read.failure);
    const { id, outputs } = read.value;
    return predictor.ask(chosen, read.value, (result) => {
      if (isFault(result)) return sendFault(reply, result);
      const answer = encodeAnswer({
        line,
        version: chosen.version,
        id: id ?? result.id,
        predictionId: result.id,
        rows: result.rows,
        classes: chosen.contract.classes,
        probabilities: result.probabilities,
        predicted: result.predicted,
        outputs,
      });
      if (answer.jsonBytes === undefined) return sendJson(reply, answer.body);
      reply.header('inference-header-content-length', answer.jsonBytes).type('application/octet-stream');
      return void reply.send(answer.body);
    });
  };
  app.post<{ Params: ModelParams }>(
    '/v2/models/:model/infer',
    { onRequest, schema: { ...schema, summary: 'Ask a model.', params: ModelParams } },
    (request, reply) => infer(request, reply, request.params.model, undefined),
  );
  app.post<{ Params: VersionParams }>(
    '/v2/models/:model/versions/:version/infer',
    { onRequest, schema: { ...schema, summary: 'Ask a version.', params: VersionParams } },
    (request, reply) => infer(request, reply, request.params.model, request.params.version),
  );
}
