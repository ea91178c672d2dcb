import { inputSize } from '../../ml/layer-shapes.ts';
import type { ServerPlugin } from '../build-server.ts';
import { shedHook } from '../door/shed-hook.ts';
import { badRequest } from '../fault.ts';
import { isFault } from '../predict.ts';
import { readInferRequest } from '../protocol/infer-request.ts';
import { bodyOf } from '../routes/body.ts';
import { ModelParams } from '../routes/schemas.ts';
import { sendFault } from '../routes/send.ts';
import { pageDocument } from './document.ts';

/** The page at `/`, where a person draws and sees what the model says; `script` is what runs in it. */
export const pageRoutes =
  (script: string): ServerPlugin =>
  (app, parts) => {
    const { models, predictor } = parts;
    const { html, policy } = pageDocument(script);
    const hidden = { schema: { hide: true } };

    app.get('/', hidden, (_, reply) =>
      reply
        .headers({
          'content-security-policy': policy,
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cross-origin-opener-policy': 'same-origin',
          'cache-control': 'no-cache',
        })
        .type('text/html; charset=utf-8')
        .send(html),
    );

    app.get('/page/models', hidden, async (_, reply) => {
      reply.header('cache-control', 'no-store');
      const answering = models.lines().flatMap(({ serving }) => (serving === undefined ? [] : [serving]));
      return {
        models: answering.map(({ line, version, contract, card }) => ({
          name: line,
          version,
          shape: contract.rowShape,
          classes: contract.classes,
          generated: card.trainedOn.generated,
        })),
      };
    });

    // What is half drawn is nobody's prediction: it is answered, and neither counted nor put on record.
    app.post<{ Params: ModelParams }>(
      '/page/preview/:model',
      { schema: { hide: true, params: ModelParams }, onRequest: shedHook(parts.admission) },
      (request, reply) => {
        const chosen = predictor.choose(request.params.model, undefined);
        if (isFault(chosen)) return sendFault(reply, chosen);
        const body = bodyOf(request);
        if (!body.ok) return sendFault(reply, body.failure);
        if (body.value.json !== undefined) return sendFault(reply, badRequest(rawRowOf(inputSize(chosen.card.spec))));
        const read = readInferRequest(body.value, { contract: chosen.contract, maxRows: 1 });
        if (!read.ok) return sendFault(reply, read.failure);
        const refused = chosen.queue.submit(read.value.inputs, 1, (answered) => {
          if (!(answered instanceof Float32Array)) return sendFault(reply, answered);
          return void reply.send({ version: chosen.version, probabilities: [...answered] });
        });
        if (refused !== undefined) sendFault(reply, refused);
        return undefined;
      },
    );
  };

const rawRowOf = (width: number): string =>
  `A preview takes the ${width} bytes of one row, with the header Inference-Header-Content-Length: 0.`;
