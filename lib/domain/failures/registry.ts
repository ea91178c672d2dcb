import { EXIT } from '../exit-code.ts';
import { defineFailure } from './define.ts';

/** Problems of a file listed before the rest is only counted. */
const SHOWN_PROBLEMS = 8;

/** Faults of the model registry, predictions and feedback. */
export const registryFailures = {
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
      'It is a CSV file with the columns prediction_id and label; mlloop predict --out writes one to fill in.',
  }),
  FEEDBACK_ROWS: defineFailure<{
    readonly file: string;
    readonly problems: readonly { readonly line: number; readonly problem: string }[];
    readonly rows: number;
  }>({
    exit: EXIT.usage,
    text: ({ file, problems, rows }) => {
      const shown = problems.slice(0, SHOWN_PROBLEMS).map(({ line, problem }) => `  ${file}:${line} ${problem}`);
      const more = problems.length > SHOWN_PROBLEMS ? [`  and ${problems.length - SHOWN_PROBLEMS} more`] : [];
      return [`${problems.length} of ${rows} rows cannot be imported:`, ...shown, ...more].join('\n');
    },
    hint: () => 'Nothing was imported. Mend the rows, or take them out, and import the file again.',
  }),
  FORGET_UNKNOWN: defineFailure<{ readonly unknown: readonly string[]; readonly simulated: readonly string[] }>({
    exit: EXIT.usage,
    text: ({ unknown, simulated }) =>
      [
        ...unknown.map((id) => `There is no prediction '${id}'.`),
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
