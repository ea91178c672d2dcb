import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { type GivenLabel, LABEL_OUTCOMES, type LabelReceipt, type Unavailable } from '../../domain/live.ts';
import type { ServerPlugin } from '../build-server.ts';
import { bodyOf } from '../routes/body.ts';
import { ErrorSchema } from '../routes/schemas.ts';
import { sendFault } from '../routes/send.ts';
import type { LiveLog } from './live-log.ts';
import { readFeedback } from './read-feedback.ts';
import { requireToken } from './require-token.ts';

export interface FeedbackOptions {
  readonly log: LiveLog;
  /** What whoever gives feedback has to bear; nobody has to bear anything when it is left out. */
  readonly token: string | undefined;
}

const Outcome = Type.Union(LABEL_OUTCOMES.map((outcome) => Type.Literal(outcome)));

const Feedback = Type.Object({
  labels: Type.Array(Type.Object({ id: Type.String(), outcome: Outcome })),
});

/** Problems of one request that are told. */
const SHOWN_PROBLEMS = 5;

/** Seconds after which labels that could not be written may be sent again. */
const RETRY_AFTER = 1;

/**
 * `POST /feedback`: what a prediction really was, as `{ "id", "label" }` or a list of such. All labels of a request are kept or
 * none; 200 is sent when they are on the disk, and says of each what it was: the first, a change, a repetition, or of an id that
 * is not on record (yet).
 */
export const feedbackRoutes =
  ({ log, token }: FeedbackOptions): ServerPlugin =>
  (app, { limits }) => {
    const schema = {
      summary: 'Say what a prediction really was.',
      description:
        'The body is {"id": "…", "label": "…"} or a list of such: the prediction_id of an answer, and a class name.',
      tags: ['labels'],
      response: { 200: Feedback, 400: ErrorSchema, 401: ErrorSchema, 413: ErrorSchema, 503: ErrorSchema },
      ...(token === undefined ? {} : { security: [{ token: [] }] }),
    };
    app.post('/feedback', { schema, onRequest: requireToken(token) }, async (request, reply) => {
      const body = bodyOf(request);
      if (!body.ok) return sendFault(reply, body.failure);
      const labels = readFeedback(body.value.json);
      if (!labels.ok) return sendFault(reply, labels.failure);
      const receipt = await inTime(log.label(labels.value), limits.timeoutMs);
      return sendReceipt(reply, labels.value, receipt);
    });
  };

/** What is not written in time may be written yet; whoever sends it again is told that it repeats. */
async function inTime(
  receipt: Promise<LabelReceipt | Unavailable>,
  timeoutMs: number,
): Promise<LabelReceipt | Unavailable> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Unavailable>((resolve) => {
    timer = setTimeout(
      () => resolve({ kind: 'unavailable', problem: `that took longer than ${timeoutMs} ms` }),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([receipt, late]);
  } finally {
    clearTimeout(timer);
  }
}

function sendReceipt(reply: FastifyReply, labels: readonly GivenLabel[], receipt: LabelReceipt | Unavailable): unknown {
  if (receipt.kind === 'unavailable') {
    const error = `The labels are not on the disk: ${receipt.problem}. Send them again.`;
    return sendFault(reply, { status: 503, error, retryAfter: RETRY_AFTER });
  }
  if (receipt.kind === 'refused') {
    const { problems } = receipt;
    const shown = problems
      .slice(0, SHOWN_PROBLEMS)
      .map(({ index, problem }) => (labels.length === 1 ? problem : `item ${index}: ${problem}`));
    const more = problems.length > SHOWN_PROBLEMS ? `; and ${problems.length - SHOWN_PROBLEMS} more` : '';
    return sendFault(reply, { status: 400, error: `No label was kept: ${shown.join('; ')}${more}.` });
  }
  return reply.send({
    labels: labels.map(({ prediction }, at) => ({ id: prediction, outcome: receipt.outcomes[at] ?? 'unknown' })),
  });
}
