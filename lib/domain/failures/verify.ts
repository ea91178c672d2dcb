import { EXIT } from '../exit-code.ts';
import { defineFailure } from './define.ts';

/** Files of an out listed before the rest is only counted. */
const SHOWN_FILES = 8;

interface DifferentOut {
  readonly out: string;
  /** What differs, one line a file. */
  readonly files: readonly string[];
}

function outLines({ out, files }: DifferentOut): string[] {
  if (files.length === 1 && !files[0]?.includes(':')) return [`  ${out}: ${files[0]}`];
  const more = files.length > SHOWN_FILES ? [`    and ${files.length - SHOWN_FILES} more`] : [];
  return [`  ${out}`, ...files.slice(0, SHOWN_FILES).map((file) => `    ${file}`), ...more];
}

/** What came of executing a stage again under the same key. */
export const verifyFailures = {
  VERIFY_DIFFERENT: defineFailure<{
    readonly stage: string;
    readonly run: number;
    readonly outs: readonly DifferentOut[];
  }>({
    exit: EXIT.stageFailed,
    text: ({ stage, run, outs }) =>
      [
        `${stage} did not make the same bytes again as in run ${run}, under the same key:`,
        ...outs.flatMap(outLines),
      ].join('\n'),
    hint: () =>
      'Something that is not in its key decides what it makes: the time, Math.random(), the order of a folder, a file that is no dep. Take what is random from ctx.seed, and declare what it reads.',
  }),
  VERIFY_NOT_COMPARABLE: defineFailure<{ readonly stage: string; readonly why: string }>({
    exit: EXIT.usage,
    text: ({ stage, why }) => `${stage} is not comparable: ${why}.`,
    hint: () =>
      'So there is no verdict. Bytes are promised on one operating system, architecture and kind of processor.',
  }),
  VERIFY_OTHER_KEY: defineFailure<{ readonly stage: string; readonly why: string; readonly command: string }>({
    exit: EXIT.usage,
    text: ({ stage, why }) =>
      `Nothing of ${stage} was made under the key it has now, so there is nothing to compare: ${why}.`,
    hint: ({ command }) => `Make it with: ${command}`,
  }),
} as const;
