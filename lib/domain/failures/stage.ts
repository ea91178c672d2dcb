import { EXIT } from '../exit-code.ts';
import { defineFailure } from './define.ts';

/** Faults of running a stage, and of the code and outs it is made of. */
export const stageFailures = {
  STAGE_NO_FILE: defineFailure<{ readonly file: string }>({
    exit: EXIT.usage,
    text: ({ file }) => `There is no file ${file}.`,
  }),
  STAGE_BUNDLE: defineFailure<{ readonly file: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ file, problem }) => `${file} could not be bundled: ${problem}`,
  }),
  STAGE_BAD_EXPORT: defineFailure<{ readonly file: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ file, problem }) => `${file} is not a stage: ${problem}.`,
    hint: () => 'A stage file ends in: export default defineStage({ params, run }).',
  }),
  STAGE_MISSING_DEP: defineFailure<{ readonly dep: string; readonly looked: readonly string[] }>({
    exit: EXIT.usage,
    text: ({ dep, looked }) => `Its dep '${dep}' is missing: looked for ${looked.join(', ')}.`,
  }),
  STAGE_UNREADABLE_DEP: defineFailure<{ readonly dep: string; readonly path: string; readonly why: string }>({
    exit: EXIT.usage,
    text: ({ dep, path, why }) => `Its dep '${dep}' cannot be read: ${path}: ${why}.`,
    hint: () =>
      'Every file of a dep is read. Mend it, take it out of there, or name what the stage needs more closely.',
  }),
  STAGE_MISSING_INPUT: defineFailure<{
    readonly dep: string;
    readonly out: string;
    readonly command: string;
  }>({
    exit: EXIT.usage,
    text: ({ dep, out }) => `Its dep '${dep}' is ${out}, which has not been made yet.`,
    hint: ({ command }) => `Make it with: ${command}`,
  }),
  STAGE_DAMAGED_INPUT: defineFailure<{
    readonly dep: string;
    readonly out: string;
    readonly command: string;
  }>({
    exit: EXIT.usage,
    text: ({ dep, out }) => `Its dep '${dep}' is ${out}, and what the store holds of it is missing or damaged.`,
    hint: ({ command }) => `Make it again with: ${command}`,
  }),
  STAGE_THREW: defineFailure<{ readonly message: string; readonly stack: string }>({
    exit: EXIT.stageFailed,
    isTransient: true,
    text: ({ message }) => `It threw: ${message}`,
  }),
  STAGE_NOT_STARTED: defineFailure<{ readonly problem: string }>({
    exit: EXIT.stageFailed,
    text: ({ problem }) => `Its program could not be started: ${problem}.`,
    hint: () => 'Programs are started through bash, which has to be found in PATH.',
  }),
  STAGE_EXITED: defineFailure<{ readonly status: number }>({
    exit: EXIT.stageFailed,
    isTransient: true,
    text: ({ status }) => `It exited with status ${status} before it was done.`,
  }),
  STAGE_KILLED: defineFailure<{ readonly signal: string }>({
    exit: EXIT.stageFailed,
    isTransient: true,
    text: ({ signal }) => `It was killed by ${signal}.`,
    hint: ({ signal }) =>
      signal === 'SIGKILL'
        ? 'Often this is the system running out of memory.'
        : 'Someone or something sent that signal.',
  }),
  STAGE_TIMED_OUT: defineFailure<{ readonly limit: string }>({
    exit: EXIT.timedOut,
    isTransient: true,
    text: ({ limit }) => `It took longer than its timeout of ${limit}.`,
    hint: () => "Raise the stage's `timeout:` in pipeline.yaml, or give it less to do.",
  }),
  STAGE_INTERRUPTED: defineFailure<Record<never, never>>({
    exit: EXIT.interrupted,
    text: () => 'It was cancelled.',
  }),
  STAGE_GARBAGE: defineFailure<{ readonly seen: string }>({
    exit: EXIT.stageFailed,
    text: ({ seen }) => `It sent something that is not a message of a stage: ${seen}.`,
  }),
  STAGE_BAD_RECORD: defineFailure<{ readonly problem: string }>({
    exit: EXIT.stageFailed,
    text: ({ problem }) => `It put something on record that the log has no place for: ${problem}.`,
    hint: () => 'See what it hands to ctx.record.',
  }),
  STAGE_MISSING_OUT: defineFailure<{ readonly out: string; readonly kind: string }>({
    exit: EXIT.stageFailed,
    isTransient: true,
    text: ({ out, kind }) => `It ended well but wrote nothing to its out '${out}' (${kind}).`,
    hint: ({ out }) => `Write to ctx.outs.${out} before the stage returns, or take the out from pipeline.yaml.`,
  }),
  STAGE_BAD_OUT: defineFailure<{ readonly out: string; readonly problem: string }>({
    exit: EXIT.stageFailed,
    isTransient: true,
    text: ({ out, problem }) => `Its out '${out}' ${problem}.`,
  }),
  STAGE_UNDECLARED_READ: defineFailure<{ readonly read: string }>({
    exit: EXIT.stageFailed,
    text: ({ read }) => `It asked for '${read}' without declaring it.`,
    hint: ({ read }) => `Add '${read}' to the stage's reads.`,
  }),
  STAGE_NO_SECRET: defineFailure<{ readonly secret: string }>({
    exit: EXIT.usage,
    text: ({ secret }) => `Its secret '${secret}' is not set.`,
    hint: ({ secret }) => `Set the environment variable ${secret}; its value is never keyed, stored or shown.`,
  }),
  STAGE_NO_METRIC: defineFailure<{
    readonly stage: string;
    readonly metric: string;
    readonly known: readonly string[];
  }>({
    exit: EXIT.usage,
    text: ({ stage, metric }) => `Its condition reads the metric '${metric}', which ${stage} did not report.`,
    hint: ({ stage, known }) => `${stage} reported: ${known.join(', ') || 'nothing'}.`,
  }),
  STAGE_REFUSED: defineFailure<{ readonly reason: string }>({
    exit: EXIT.refused,
    text: ({ reason }) => reason,
  }),
} as const;
