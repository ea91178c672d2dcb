import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { sha256 } from '../util/hash.ts';

export interface GitState {
  readonly commit: string;
  /** Digest of what differs from the commit; undefined when nothing does. */
  readonly dirty: string | undefined;
}

/** The commit a folder stands at, and a digest of what differs from it; undefined outside a git checkout. */
export async function gitState(folder: string): Promise<GitState | undefined> {
  // Asking git takes longer than a run with nothing to do, so it is not asked where it has no answer.
  if (!isInside(folder)) return undefined;
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('git', args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 })).stdout;
  try {
    const status = await git('status', '--porcelain=v2', '--branch', '--untracked-files=all');
    const lines = status.split('\n').filter((line) => line !== '');
    const commit = /^# branch\.oid ([0-9a-f]+)$/.exec(lines.find((line) => line.startsWith('# branch.oid')) ?? '')?.[1];
    if (commit === undefined) return undefined;
    const changes = lines.filter((line) => !line.startsWith('#'));
    if (changes.length === 0) return { commit, dirty: undefined };
    return { commit, dirty: sha256(changes.join('\n') + (await git('diff', 'HEAD'))).slice(0, 12) };
  } catch {
    // No git on this machine, or a checkout it will not read: the run is then recorded without one.
    return undefined;
  }
}

function isInside(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return true;
    if (at === dirname(at)) return false;
  }
}
