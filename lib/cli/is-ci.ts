import type { Io } from './io.ts';

/** Whether the program runs in a CI job, as their makers agree to say it. */
export const isCi = (env: Io['env']): boolean => ![undefined, '', 'false'].includes(env['CI']);
