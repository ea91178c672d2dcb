import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { type RunOptions, runVerb, stageVerb } from '../../lib/cli/run-verb.ts';
import { heardIo } from './heard-io.ts';
import { HOME, type Project } from './project.ts';

const launch = pathToFileURL(`${HOME}lib/cli/launch.mjs`).href;

/** Builds what stages' processes are started from, as the command does, and returns the folder. */
function builtFolder(): string {
  const code = `import { buildOnce } from '${launch}'; process.stdout.write(await buildOnce());`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
}

let built: string | undefined;

/** An entry that a process or a thread is started from. */
export function builtEntry(name: string): string {
  built ??= builtFolder();
  return `${built}/${name}.mjs`;
}

export interface Ran {
  readonly status: number;
  readonly stderr: string;
}

/** `run`, or `stage S`, in this process: the real modules, the real folders, and the real stages in processes of their own. */
export async function runHere(project: Project, options: RunOptions = {}, stage?: string): Promise<Ran> {
  built ??= builtFolder();
  const { PATH = '', HOME: home = '' } = process.env;
  const { io, stderr } = heardIo(project.root, { PATH, HOME: home });
  const installation = { home: HOME.replace(/\/$/, ''), built };
  const status =
    stage === undefined ? await runVerb(options, io, installation) : await stageVerb(stage, options, io, installation);
  return { status, stderr: stderr() };
}

/** How each stage's turn in the last run came out. */
export function lastStatuses(project: Project): Record<string, string> {
  const rows = project.rows<{ stage: string; status: string }>(
    'SELECT stage, status FROM attempt WHERE run = (SELECT max(id) FROM run) ORDER BY stage',
  );
  return Object.fromEntries(rows.map(({ stage, status }) => [stage, status]));
}
