import { EXIT } from '../exit-code.ts';
import { defineFailure } from './define.ts';

/** Missing objects named before the rest is only counted. */
const SHOWN = 12;

/** Faults of laying out a run again. */
export const restoreFailures = {
  RESTORE_NOT_EMPTY: defineFailure<{ readonly folder: string }>({
    exit: EXIT.usage,
    text: ({ folder }) => `${folder} is there already and is not an empty folder.`,
    hint: () => 'Name a folder that does not exist yet with --into DIR.',
  }),
  RESTORE_IMPOSSIBLE: defineFailure<{ readonly run: number; readonly why: string }>({
    exit: EXIT.usage,
    text: ({ run, why }) => `Run ${run} cannot be laid out: ${why}.`,
  }),
  RESTORE_MISSING: defineFailure<{ readonly run: number; readonly missing: readonly string[] }>({
    exit: EXIT.usage,
    text: ({ run, missing }) => {
      const more = missing.length > SHOWN ? [`  and ${missing.length - SHOWN} more`] : [];
      const lines = missing.slice(0, SHOWN).map((one) => `  ${one}`);
      return [`Run ${run} cannot be laid out, because this is missing:`, ...lines, ...more].join('\n');
    },
    hint: () =>
      'Nothing was laid out. gc frees what is not kept; put artifacts/objects back from a copy, or keep more runs with keep: { runs: N } in pipeline.yaml from now on.',
  }),
  RESTORE_ELSEWHERE: defineFailure<{
    readonly origin: string;
    readonly number: number;
    readonly version: { readonly line: string; readonly version: number } | undefined;
  }>({
    exit: EXIT.usage,
    text: ({ origin, number, version }) => {
      const run = `Run ${origin}:${number}${version === undefined ? '' : `, which made ${version.line} v${version.version},`}`;
      return `${run} was made on '${origin}': what its stages stood for then did not come with its state, so it cannot be laid out here.`;
    },
    hint: ({ origin, number, version }) => {
      const there = `On '${origin}': npm run mlloop -- restore ${number} --into DIR`;
      const here =
        version === undefined
          ? `npm run show -- ${origin}:${number} tells what is on record of it`
          : `npx mlloop models export v${version.version} DIR --line ${version.line} takes the model itself`;
      return `${there}. Here ${here}.`;
    },
  }),
  RESTORE_IMPORTED: defineFailure<{ readonly line: string; readonly version: number }>({
    exit: EXIT.usage,
    text: ({ line, version }) =>
      `${line} v${version} was imported: no run of this log made it, so there is none to lay out.`,
    hint: ({ line, version }) => `npx mlloop models v${version} --line ${line} shows where it came from.`,
  }),
} as const;
