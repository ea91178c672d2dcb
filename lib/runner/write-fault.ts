import { type Failure, failure } from '../domain/failure.ts';
import { TemporaryFolderFull, temporaryFolder } from '../runlog/temporary-folder.ts';

/** What the file system and SQLite say when there is no room left. */
const FULL: readonly string[] = ['ENOSPC', 'EDQUOT', 'SQLITE_FULL'];

/** What they say when they will not or cannot write. */
const UNWRITABLE: readonly string[] = [
  ...['EROFS', 'EACCES', 'EPERM', 'EIO', 'SQLITE_READONLY', 'SQLITE_CANTOPEN'],
  // Something else lies where a folder or a file of ours belongs, or the place has no room for a name.
  ...['ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'EMFILE', 'ENFILE'],
];

/** A fault of the folder that is written to, as a failure; whatever else was thrown is a bug and is thrown on. */
export function writeFault(error: unknown, folder: string): Failure {
  const fault = writeFaultOf(error, folder);
  if (fault === undefined) throw error;
  return fault;
}

/** The same; undefined for a bug. */
export function writeFaultOf(error: unknown, folder: string): Failure | undefined {
  if (error instanceof TemporaryFolderFull) return failure('TEMPORARY_FULL', { folder: temporaryFolder(process.env) });
  const code = String((error as { readonly code?: unknown } | null)?.code ?? '');
  if (code.startsWith('SQLITE_BUSY')) return failure('RUNLOG_BUSY', { folder });
  if (FULL.includes(code)) return failure('STATE_FULL', { folder });
  const isKnown = UNWRITABLE.includes(code) || code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_READONLY');
  if (!isKnown) return undefined;
  return failure('STATE_WRITE', { folder, problem: error instanceof Error ? error.message : code });
}
