import { didYouMean } from '../../util/suggest.ts';
import { EXIT } from '../exit-code.ts';
import { defineFailure } from './define.ts';

/** Versions and aliases named before the rest is only counted. */
const SHOWN_KNOWN = 12;

const listed = (names: readonly string[]): string =>
  names.length <= SHOWN_KNOWN
    ? names.join(', ')
    : `${names.slice(-SHOWN_KNOWN).join(', ')} and ${names.length - SHOWN_KNOWN} more`;

const isVersion = (what: string): boolean => /^(v?\d+|latest)$/.test(what);

const ofLine = (line: string | undefined): string => (line === undefined ? '' : ` of the line '${line}'`);

/** Faults of the model registry, predictions and feedback. */
export const registryFailures = {
  REGISTRY_EMPTY: defineFailure<Record<never, never>>({
    exit: EXIT.usage,
    text: () => 'No model has been registered here yet.',
    hint: () => 'Deploy one with: npm run pipeline',
  }),
  REGISTRY_NO_LINE: defineFailure<{ readonly line: string; readonly lines: readonly string[] }>({
    exit: EXIT.usage,
    text: ({ line, lines }) => `There is no line of models '${line}'.${didYouMean(line, lines)}`,
    hint: ({ lines }) => `Lines: ${listed(lines)}.`,
  }),
  REGISTRY_NO_VERSION: defineFailure<{
    /** As it was typed: 'v9', or an alias. */
    readonly what: string;
    readonly line: string | undefined;
    readonly known: readonly string[];
  }>({
    exit: EXIT.usage,
    text: ({ what, line }) =>
      `No model version${isVersion(what) ? '' : ' or alias'} ${what}${ofLine(line)} is registered.`,
    hint: ({ known }) => `Registered: ${listed(known) || 'none'}.`,
  }),
  REGISTRY_WHICH_LINE: defineFailure<{ readonly what: string; readonly lines: readonly string[] }>({
    exit: EXIT.usage,
    text: ({ what, lines }) =>
      `Several lines have ${isVersion(what) ? 'a version' : 'an alias'} ${what}: ${lines.join(', ')}.`,
    hint: ({ lines }) => `Name one, as in --line ${lines[0]}.`,
  }),
  REGISTRY_ALIAS_NAME: defineFailure<{ readonly alias: string }>({
    exit: EXIT.usage,
    text: ({ alias }) => `'${alias}' cannot be an alias.`,
    hint: () =>
      'An alias begins with a small letter and holds small letters, digits, - and _; v1 and latest mean versions already.',
  }),
  REGISTRY_TAG: defineFailure<{ readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ problem }) => `No tag was changed: ${problem}.`,
    hint: () => 'A tag is key=value, as in: npx mlloop tag v3 owner=anna; --remove owner takes it away.',
  }),
  REGISTRY_NOT_WHOLE: defineFailure<{
    readonly line: string;
    readonly version: number;
    readonly folder: string;
    readonly faults: readonly string[];
  }>({
    exit: EXIT.usage,
    text: ({ line, version, folder, faults }) =>
      `${line} v${version} cannot be used: ${folder} is not whole: ${faults.join(', ')}.`,
    hint: () =>
      'Nothing was changed. Take the folder away and try again: it is laid out anew where the store still has it. Else put it back from a copy.',
  }),
  REGISTRY_NO_WAY_BACK: defineFailure<{ readonly line: string; readonly version: number }>({
    exit: EXIT.usage,
    text: ({ line, version }) => `There is no version of '${line}' to go back to from v${version}.`,
    hint: ({ line }) =>
      `npx mlloop history --line ${line} tells what was live; npx mlloop promote makes any version the champion.`,
  }),
  REGISTRY_NEVER_LIVE: defineFailure<{ readonly line: string; readonly version: number }>({
    exit: EXIT.usage,
    text: ({ line, version }) => `${line} v${version} was never the champion, so there is no going back to it.`,
    hint: ({ line, version }) => `Make it the champion with: npx mlloop promote v${version} --line ${line}`,
  }),
  REGISTRY_MOVED: defineFailure<{ readonly line: string; readonly alias: string; readonly version: number | null }>({
    exit: EXIT.usage,
    text: ({ line, alias, version }) =>
      `Somebody else has just moved the alias '${alias}' of '${line}'${version === null ? '' : `: it is v${version} now`}.`,
    hint: ({ line }) => `Nothing was changed. See npx mlloop history --line ${line} and decide again.`,
  }),
  REGISTRY_CHAMPION_STAYS: defineFailure<{ readonly line: string }>({
    exit: EXIT.usage,
    text: ({ line }) => `The alias champion of '${line}' cannot be taken away: something has to answer.`,
    hint: () => 'Move it with npx mlloop promote or mlloop rollback.',
  }),
  REGISTRY_NO_CHAMPION: defineFailure<{ readonly line: string }>({
    exit: EXIT.usage,
    text: ({ line }) => `No model of the line '${line}' is deployed yet.`,
    hint: () => 'Deploy one with: npm run pipeline',
  }),
  REGISTRY_VERSION_GONE: defineFailure<{ readonly line: string; readonly version: number; readonly folder: string }>({
    exit: EXIT.usage,
    text: ({ line, version, folder }) => `The champion of '${line}' is v${version}, but its folder ${folder} is gone.`,
    hint: () =>
      'npm run pipeline lays it out again, from the store or by making it anew. Else put it back from a copy.',
  }),
  FEEDBACK_FILE: defineFailure<{ readonly file: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ file, problem }) => `${file} is not a feedback file: ${problem}.`,
    hint: () =>
      'It is a CSV file with the columns prediction_id and label, or JSON lines with these fields; mlloop predict --out writes one to fill in.',
  }),
  FEEDBACK_ROWS: defineFailure<{
    readonly file: string;
    /** The first of them. */
    readonly problems: readonly { readonly line: number; readonly problem: string }[];
    /** How many there are. */
    readonly bad: number;
    readonly rows: number;
  }>({
    exit: EXIT.usage,
    text: ({ file, problems, bad, rows }) => {
      const shown = problems.map(({ line, problem }) => `  ${file}:${line} ${problem}`);
      const more = bad > problems.length ? [`  and ${bad - problems.length} more`] : [];
      return [`${bad} of ${rows} rows cannot be imported:`, ...shown, ...more].join('\n');
    },
    hint: () =>
      'Nothing was imported. Mend the rows, or set them aside with --bad-rows quarantine, and import the file again.',
  }),
  FEEDBACK_CUT_OFF: defineFailure<{
    readonly file: string;
    /** Labels that are on record now. */
    readonly added: number;
  }>({
    exit: EXIT.interrupted,
    text: ({ file, added }) => {
      const when =
        added === 0 ? 'before it had added a label' : `when it had added ${added} ${added === 1 ? 'label' : 'labels'}`;
      return `The import of ${file} was cancelled ${when}.`;
    },
    hint: () => 'To finish it, import the same file again: no label counts twice.',
  }),
  FORGET_UNKNOWN: defineFailure<{
    readonly unknown: readonly string[];
    /** Those of hours whose answers have gone as far as nobody labelled them. */
    readonly past: readonly string[];
    readonly simulated: readonly string[];
  }>({
    exit: EXIT.usage,
    text: ({ unknown, past, simulated }) =>
      [
        ...unknown.map((id) => `There is no prediction '${id}'.`),
        ...past.map(
          (id) =>
            `There is no prediction '${id}'. If there was, it has gone by itself, input and all: answers of that hour which nobody labelled have waited longer than log.keep.`,
        ),
        ...simulated.map(
          (id) => `Prediction '${id}' is a simulated one: its row came from the dataset, and is still there.`,
        ),
      ].join('\n'),
    hint: () => 'Nothing was forgotten. Leave these ids out, and name the others again.',
  }),
  PREDICT_INPUT: defineFailure<{ readonly file: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ file, problem }) => `${file} cannot be asked about: ${problem}.`,
    hint: () => 'Give PNG or JPEG files, or the folder of a dataset whose rows look like those the model learned from.',
  }),
  MODEL_NOT_FOUND: defineFailure<{
    readonly alias: string;
    readonly folder: string;
    readonly lines: readonly string[];
  }>({
    exit: EXIT.usage,
    text: ({ alias, folder }) => `No model stands behind the alias '${alias}' in ${folder}.`,
    hint: ({ lines }) =>
      lines.length === 0
        ? 'Deploy one with: npm run pipeline'
        : `Name one of these lines, as in loadModel('champion', { line: '${lines[0]}' }): ${lines.join(', ')}`,
  }),
} as const;
