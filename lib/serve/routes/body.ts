import type { FastifyInstance, FastifyRequest } from 'fastify';
import { err, ok, type Result } from '../../util/result.ts';
import { badRequest, type Fault } from '../fault.ts';
import type { RequestBody } from '../protocol/infer-request.ts';
import { sendFault } from './send.ts';

const HEADER = 'inference-header-content-length';

/** Characters of a client's own text that stand in an answer. */
const SHOWN = 40;

/** Bodies are taken as they come: what they have to be is known to the route that reads them. */
export function takeRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(['application/json', 'application/octet-stream'], { parseAs: 'buffer' }, (_, body, done) =>
    done(null, body),
  );
  app.addHook('onRequest', ({ headers, raw }, reply, done) => {
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      const error = `The content encoding '${encoding.slice(0, SHOWN)}' is not taken; send the body as it is.`;
      return sendFault(reply, { status: 415, error });
    }
    // Node would answer this one itself, without a body.
    if (headers.host === undefined && raw.httpVersion === '1.1') {
      return sendFault(reply, badRequest('The header Host is missing.'));
    }
    // A client that says where its JSON ends has said what its body is.
    if (headers[HEADER] !== undefined) headers['content-type'] ??= 'application/octet-stream';
    return done();
  });
}

/** Whether there is a body, and nothing behind its JSON. */
export const hasOnlyJson = (request: FastifyRequest): request is FastifyRequest & { readonly body: Buffer } =>
  Buffer.isBuffer(request.body) && request.headers[HEADER] === undefined;

/** The JSON of a body, and the bytes behind it where the binary tensor extension is used: they may be all there is. */
export function bodyOf({ body, headers }: FastifyRequest): Result<RequestBody, Fault> {
  if (!Buffer.isBuffer(body) || body.length === 0) return err(badRequest('The request has no body.'));
  const header = headers[HEADER];
  if (header === undefined) return parse(body, undefined);
  const length = typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : -1;
  if (length < 0 || length > body.length) {
    return err(badRequest(`Inference-Header-Content-Length has to be a number up to the body's ${body.length} bytes.`));
  }
  if (length === 0) return ok({ json: undefined, binary: body });
  return parse(body.subarray(0, length), body.subarray(length));
}

function parse(bytes: Buffer, binary: Uint8Array | undefined): Result<RequestBody, Fault> {
  try {
    return ok({ json: JSON.parse(bytes.toString()) as unknown, binary });
  } catch (error) {
    return err(badRequest(`The body is not JSON: ${error instanceof Error ? error.message : String(error)}`));
  }
}
