import { packagesFolderOf } from '../cache/bundle.ts';
import { bad, type Check, fine } from '../domain/check.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { formatFailure } from '../domain/failure.ts';
import { checksText } from '../report/console/checks-text.ts';
import { checkEngines } from './doctor/engine-checks.ts';
import { checkDisk, checkEsbuild, checkGit, checkNode, checkSharp, checkSqlite } from './doctor/machine-checks.ts';
import type { CommonOptions, Installation, Io } from './io.ts';
import { loadProject } from './load-project.ts';
import { foldersOf } from './project.ts';

export interface DoctorOptions extends CommonOptions {
  readonly json?: boolean;
  /** Whether the bytes of objects are left unread. */
  readonly quick?: boolean;
}

/** `mlloop doctor`: what works on this machine and in this folder, and what to do about the rest. Changes nothing. */
export async function doctorVerb(options: DoctorOptions, io: Io, installation: Installation): Promise<ExitCode> {
  const { root, state } = foldersOf(options, io);
  const { home } = installation;
  const sqlite = await checkSqlite();
  const machine = [
    checkNode(home),
    ...(await checkEngines(packagesFolderOf(root, home))),
    sqlite,
    await checkEsbuild(),
    await checkSharp(),
    await checkGit(root),
  ];
  // Whatever imports the log cannot even be loaded where SQLite cannot.
  const found =
    sqlite.status === 'bad'
      ? { checks: [], held: 0 }
      : await (await import('./doctor/state-checks.ts')).checkState({ state, io, quick: options.quick ?? false });
  const checks = [...machine, await checkDisk(state.folder, found.held), checkPipeline(root), ...found.checks];
  const isWell = checks.every(({ status }) => status !== 'bad');
  io.stdout(options.json ? `${JSON.stringify({ isWell, checks }, undefined, 2)}\n` : checksText(checks));
  return isWell ? EXIT.done : EXIT.stageFailed;
}

function checkPipeline(root: string): Check {
  const loaded = loadProject(root, {});
  if (loaded.ok) return fine('pipeline.yaml', `valid: ${loaded.value.pipeline.stages.length} stages`);
  const [first] = loaded.failure.map((fault) => formatFailure(fault).split('\n')[0] ?? '');
  const more = loaded.failure.length > 1 ? ` (and ${loaded.failure.length - 1} more)` : '';
  return bad('pipeline.yaml', `${first}${more}`, 'npm run mlloop -- check shows where.');
}
