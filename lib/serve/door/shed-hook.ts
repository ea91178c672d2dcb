import type { onRequestHookHandler } from 'fastify';
import { sendFault } from '../routes/send.ts';
import type { Admission } from './admission.ts';

/** Refuses a question before its body is read, where nobody at the door could. */
export const shedHook =
  ({ refusal }: Admission): onRequestHookHandler =>
  ({ url }, reply, done) => {
    const refused = refusal(url);
    return refused === undefined ? done() : sendFault(reply, refused);
  };
