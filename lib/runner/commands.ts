import type { Pipeline } from '../domain/pipeline.ts';

const quoted = (text: string): string => (/^[\w./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** The options that make a command mean this very pipeline, with a blank before each. */
export function settingsOf({ profile, overrides }: Pick<Pipeline, 'profile' | 'overrides'>): string {
  return [
    ...(profile === undefined ? [] : [` --profile ${quoted(profile)}`]),
    ...Object.entries(overrides).map(([path, value]) => ` --set ${quoted(`${path}=${value}`)}`),
  ].join('');
}

/** The command that takes up the run where this stage left it. */
export const resumeCommand = (pipeline: Pipeline, stage: string): string =>
  `npm run pipeline -- --from ${stage}${settingsOf(pipeline)}`;

/** The command that executes this stage under a debugger. */
export const debugCommand = (pipeline: Pipeline, stage: string): string =>
  `npm run stage -- ${stage} --inspect${settingsOf(pipeline)}`;
