import { basename, dirname, relative, resolve, sep } from 'node:path';
import { type Failure, failure } from '../domain/failure.ts';
import { writeFault } from '../runner/write-fault.ts';

/** What may be wrong with a place that somebody named, by what the file system says of it. */
const WRONG: Readonly<Record<string, string>> = {
  ENOENT: 'the folder that it would lie in is not there',
  ENOTDIR: 'what it would lie in is no folder',
  EEXIST: 'what it would lie in is no folder',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be written there',
  EPERM: 'it may not be written there',
  EROFS: 'nothing can be written there',
  ENAMETOOLONG: 'its name is too long',
};

export interface Writing {
  /** What was to be written, as it was named, and from where; undefined where nothing was named. */
  readonly target: string | undefined;
  readonly cwd: string;
  /** Where everything else lies that is written to. */
  readonly state: string;
}

/** A fault of a place that was named for what is to be written, or of the state's folder; whatever else was thrown is thrown on. */
export function targetFault(error: unknown, { target, cwd, state }: Writing): Failure {
  const { code = '', path } = error as NodeJS.ErrnoException;
  if (target === undefined || path === undefined || !isOn(path, resolve(cwd, target))) return writeFault(error, state);
  if (code === 'ENOSPC' || code === 'EDQUOT') return failure('STATE_FULL', { folder: target });
  const problem = WRONG[code];
  if (problem === undefined) return writeFault(error, state);
  return failure('TARGET_WRITE', { target, problem });
}

/** Whether a path is the target, on the way to it, or where it is made before it is given its name. */
const isOn = (path: string, target: string): boolean =>
  `${target}${sep}`.startsWith(`${path}${sep}`) || relative(dirname(target), path).startsWith(`.${basename(target)}.`);
