import { EXIT } from '../exit-code.ts';
import { defineFailure } from './define.ts';

const NOTHING = 'Nothing was imported.';

/** Faults of a state that travels from one machine to another. */
export const exchangeFailures = {
  STATE_FOREIGN: defineFailure<{ readonly from: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ from, problem }) => `${from} is no exported state: ${problem}.`,
    hint: () => `${NOTHING} Export one where it comes from with: npx mlloop state export state.tar`,
  }),
  STATE_FAULTS: defineFailure<{ readonly from: string; readonly faults: readonly string[] }>({
    exit: EXIT.usage,
    text: ({ from, faults }) => `${from} is not what was exported: ${faults.join(', ')}.`,
    hint: () => `${NOTHING} It was cut short or damaged on its way: copy it again, or take the one before it.`,
  }),
  STATE_NEWER: defineFailure<{ readonly from: string; readonly seen: number; readonly known: number }>({
    exit: EXIT.usage,
    text: ({ from, seen, known }) => `${from} has schema version ${seen}; this program knows versions up to ${known}.`,
    hint: () => `${NOTHING} Update mlloop here to the one that wrote it.`,
  }),
  STATE_PIPELINE: defineFailure<{ readonly from: string; readonly seen: string; readonly expected: string }>({
    exit: EXIT.usage,
    text: ({ from, seen, expected }) => `${from} is the state of the pipeline '${seen}'; here is '${expected}'.`,
    hint: () =>
      `${NOTHING} Import it beside the pipeline it belongs to, or name another place with --root and --state.`,
  }),
  STATE_TARGET: defineFailure<{ readonly target: string }>({
    exit: EXIT.usage,
    text: ({ target }) => `${target} is there already and is neither an empty folder nor an exported state.`,
    hint: () => 'Name a folder that does not exist yet, or a file that ends in .tar, .tar.gz or .tgz.',
  }),
  STATE_NAME: defineFailure<{ readonly name: string }>({
    exit: EXIT.usage,
    text: ({ name }) => `'${name}' cannot be the name of a machine's log.`,
    hint: () => 'A name begins with a small letter and holds small letters, digits and -, as in --name ci.',
  }),
} as const;
