import type { Pipeline } from '../domain/pipeline.ts';

export const quoted = (text: string): string =>
  /^[\w./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The options that make a command mean this very pipeline, with a blank before each. */
export function settingsOf({ profile, overrides }: Pick<Pipeline, 'profile' | 'overrides'>): string {
  return [
    ...(profile === undefined ? [] : [` --profile ${quoted(profile)}`]),
    ...Object.entries(overrides).map(([path, value]) => ` --set ${quoted(`${path}=${value}`)}`),
  ].join('');
}

/** What a command is about: a pipeline, and the options that say where it lies, with a blank before each. */
interface About {
  readonly pipeline: Pipeline;
  readonly where: string;
}

/** The command that takes up the run where this stage left it. */
export const resumeCommand = ({ pipeline, where }: About, stage: string): string =>
  `npm run pipeline -- --from ${stage}${settingsOf(pipeline)}${where}`;

/** The command that executes this stage under a debugger. */
export const debugCommand = ({ pipeline, where }: About, stage: string): string =>
  `npm run stage -- ${stage} --inspect${settingsOf(pipeline)}${where}`;
