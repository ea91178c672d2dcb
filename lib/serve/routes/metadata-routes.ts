import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { isFault } from '../predict.ts';
import type { ServerParts } from '../server-parts.ts';
import { ErrorSchema, ModelParams, VersionParams } from './schemas.ts';
import { sendFault } from './send.ts';

/** Extensions of the protocol, by the names other servers give them. */
const EXTENSIONS = ['binary_tensor_data'] as const;

const ServerMetadata = Type.Object({
  name: Type.String(),
  version: Type.String(),
  extensions: Type.Array(Type.String()),
});

const Tensor = Type.Object({ name: Type.String(), datatype: Type.String(), shape: Type.Array(Type.Integer()) });

const ModelMetadata = Type.Object({
  name: Type.String(),
  versions: Type.Array(Type.String()),
  platform: Type.String(),
  inputs: Type.Array(Tensor),
  outputs: Type.Array(Tensor),
});

/** Which server this is, and what each model takes and gives. */
export function metadataRoutes(app: FastifyInstance, { predictor, version: own }: ServerParts): void {
  app.get(
    '/v2',
    { schema: { summary: 'What is this server?', tags: ['metadata'], response: { 200: ServerMetadata } } },
    async () => ({ name: 'mlloop', version: own, extensions: [...EXTENSIONS] }),
  );

  const tell = (line: string, version: string | undefined, reply: FastifyReply): void => {
    const chosen = predictor.choose(line, version);
    if (isFault(chosen)) return sendFault(reply, chosen);
    const { engine, contract } = chosen;
    return void reply.send({
      name: line,
      versions: [String(chosen.version)],
      platform: engine.engine === 'onnx' ? 'onnx_onnxv1' : 'tensorflow_js',
      inputs: [contract.input],
      outputs: contract.outputs,
    });
  };
  const schema = (summary: string) => ({
    summary,
    tags: ['metadata'],
    response: { 200: ModelMetadata, 404: ErrorSchema, 503: ErrorSchema },
  });
  app.get<{ Params: ModelParams }>(
    '/v2/models/:model',
    { schema: { ...schema('What does this model take and give?'), params: ModelParams } },
    ({ params }, reply) => tell(params.model, undefined, reply),
  );
  app.get<{ Params: VersionParams }>(
    '/v2/models/:model/versions/:version',
    { schema: { ...schema('What does this version take and give?'), params: VersionParams } },
    ({ params }, reply) => tell(params.model, params.version, reply),
  );
}
