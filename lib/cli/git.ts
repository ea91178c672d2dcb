import { execFileSync } from 'node:child_process';
import { sha256 } from '../util/hash.ts';

/** The commit a folder stands at, and a digest of what differs from it; undefined outside a git checkout. */
export function gitState(folder: string): { readonly commit: string; readonly dirty: string | undefined } | undefined {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 1 << 28,
    });
  try {
    const commit = git('rev-parse', 'HEAD').trim();
    const changes = git('status', '--porcelain', '--untracked-files=all');
    return { commit, dirty: changes === '' ? undefined : sha256(changes + git('diff', 'HEAD')).slice(0, 12) };
  } catch {
    // No git, no checkout or no commit yet: the run is then recorded without one.
    return undefined;
  }
}
