import { EXIT } from '../exit-code.ts';
import { defineFailure } from './define.ts';

/** Faults of taking model versions out of a registry and into another. */
export const transferFailures = {
  EXPORT_NOT_EMPTY: defineFailure<{ readonly folder: string }>({
    exit: EXIT.usage,
    text: ({ folder }) => `${folder} is there already and is not an empty folder.`,
    hint: () => 'Name a folder that does not exist yet.',
  }),
  EXPORT_NAME: defineFailure<{ readonly line: string; readonly version: number; readonly name: string }>({
    exit: EXIT.usage,
    text: ({ line, version, name }) => `${line} v${version} cannot be exported: it holds a file called '${name}'.`,
    hint: () =>
      'README.md, transform.json, drift-reference.json, version.json and SHA256SUMS are the export’s own; other names hold letters, digits, dots, - and _.',
  }),
  IMPORT_FOREIGN: defineFailure<{ readonly folder: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ folder, problem }) => `${folder} is no exported model version: ${problem}.`,
    hint: () => 'Nothing was imported. Export it where it comes from with: npx mlloop models export v3 DIR',
  }),
  IMPORT_FAULTS: defineFailure<{ readonly folder: string; readonly faults: readonly string[] }>({
    exit: EXIT.usage,
    text: ({ folder, faults }) => `${folder} is not what was exported: ${faults.join(', ')}.`,
    hint: () =>
      'Nothing was imported. Copy the folder again, or export it again; sha256sum -c SHA256SUMS checks a copy.',
  }),
  IMPORT_ANSWERS: defineFailure<{
    readonly folder: string;
    readonly engine: string;
    readonly difference: string;
    readonly tolerance: number;
  }>({
    exit: EXIT.usage,
    text: ({ folder, engine, difference, tolerance }) =>
      `The model in ${folder} does not answer as it did when it was trained: with ${engine} its answers are off by ${difference}, and ${tolerance} is allowed.`,
    hint: () => 'Nothing was imported. npx mlloop doctor looks at the engines of this machine.',
  }),
  IMPORT_LINE: defineFailure<{ readonly line: string }>({
    exit: EXIT.usage,
    text: ({ line }) => `'${line}' cannot be a line of models.`,
    hint: () => 'A line begins with a small letter and holds small letters, digits and -.',
  }),
  IMPORT_GENERATED: defineFailure<{ readonly folder: string; readonly line: string }>({
    exit: EXIT.usage,
    text: ({ folder, line }) =>
      `The model in ${folder} learned from GENERATED DATA, and so cannot join the line '${line}' of real ones.`,
    hint: ({ line }) => `Nothing was imported. Name a line of generated data, as in --line ${line}-demo.`,
  }),
} as const;
