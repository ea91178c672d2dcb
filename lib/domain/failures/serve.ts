import { EXIT } from '../exit-code.ts';
import { defineFailure } from './define.ts';

/** Faults of the model server. */
export const serveFailures = {
  SERVE_DAMAGED: defineFailure<{ readonly folder: string; readonly faults: readonly string[] }>({
    exit: EXIT.usage,
    text: ({ folder, faults }) => `${folder} is not what was registered: ${faults.join(', ')}.`,
    hint: () =>
      'npm run pipeline lays it out again, from the store or by making it anew. Else put it back from a copy.',
  }),
  SERVE_SELF_TEST: defineFailure<{
    readonly folder: string;
    readonly maxDifference: string;
    readonly tolerance: number;
  }>({
    exit: EXIT.refused,
    text: ({ folder, maxDifference, tolerance }) =>
      `The model in ${folder} answers otherwise than when it was trained: it is off by ${maxDifference}, where ${tolerance} is allowed.`,
    hint: () =>
      'Look at mlloop doctor; another machine may compute too coarsely. Else deploy the model anew: npm run pipeline',
  }),
  SERVE_THREAD_DIED: defineFailure<{ readonly folder: string; readonly problem: string }>({
    exit: EXIT.internal,
    isTransient: true,
    text: ({ folder, problem }) => `The thread that answers for ${folder} ended: ${problem}.`,
  }),
  SERVE_LOAD_TIMEOUT: defineFailure<{ readonly folder: string; readonly ms: number }>({
    exit: EXIT.timedOut,
    isTransient: true,
    text: ({ folder, ms }) => `The thread that loads ${folder} was not ready after ${ms} ms, and was given up.`,
    hint: () =>
      'Look whether the disk answers (mlloop doctor) and at what else the machine does; serve --load MS waits longer.',
  }),
  SERVE_NO_ANSWER: defineFailure<{ readonly folder: string; readonly status: number; readonly problem: string }>({
    exit: EXIT.refused,
    text: ({ folder, status, problem }) =>
      `Asked over HTTP, the model in ${folder} answered with ${status}: ${problem}`,
  }),
  SERVE_CANNOT_LISTEN: defineFailure<{ readonly host: string; readonly port: number; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ host, port, problem }) => `The server cannot listen on ${host}, port ${port}: ${problem}.`,
    hint: () => 'Give another one with --port; 0 takes any that is free.',
  }),
  SERVE_NO_TOKEN: defineFailure<{ readonly host: string }>({
    exit: EXIT.usage,
    text: ({ host }) => `Others than this machine can reach ${host}, and no token says who may give feedback.`,
    hint: () =>
      'Set one in MLLOOP_TOKEN or with --token-file FILE (openssl rand -hex 32 makes one), or listen on 127.0.0.1.',
  }),
  SERVE_TOKEN: defineFailure<{ readonly where: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ where, problem }) => `The token in ${where} cannot be used: ${problem}.`,
    hint: () => 'openssl rand -hex 32 makes a good one.',
  }),
} as const;
