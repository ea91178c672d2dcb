import type { RecordedRun } from '../../runlog/restore.ts';

/** What stands at the head of a pipeline.yaml that was laid out: where it comes from and what was written into it. */
export function headerOf(recorded: RecordedRun, notes: readonly string[]): string {
  const { run, uid, pipeline, profile, overrides, versions, gitCommit, gitDirty } = recorded;
  const settings = [
    ...(profile === null ? [] : [`--profile ${profile}`]),
    ...Object.entries(overrides).map(([path, value]) => `--set ${path}=${value}`),
  ];
  const commit =
    gitCommit === null ? [] : [`commit ${gitCommit.slice(0, 12)}${gitDirty === null ? '' : ' with changes'}`];
  const made = [`node ${versions['node']}`, versions['platform'], ...commit].join(', ');
  const lines = [
    `Run ${run} of ${pipeline} (${uid}), laid out by mlloop restore; it was made with ${made}.`,
    ...(settings.length === 0
      ? []
      : [`Its options are written into the values below, so that none is needed: ${settings.join(' ')}`]),
    'The stages are bundles: executed as they are they are the very code of that run, edited they are ordinary code.',
    ...notes.map((note) => `Note: ${note}.`),
  ];
  return `${lines.map((line) => `# ${line.replaceAll('\n', ' ')}`).join('\n')}\n`;
}
