import { existsSync, renameSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { create, extract } from 'tar';
import { syncPath, temporaryBeside } from '../util/fs-atomic.ts';
import { err, ok, type Result } from '../util/result.ts';

/** Whether a name is that of one file that holds a state; any other is a folder's. */
export const isArchive = (path: string): boolean => /\.(tar|tar\.gz|tgz)$/.test(path);

const isZipped = (path: string): boolean => /gz$/.test(path);

/** Packs what a folder holds into one file, whole or not at all. */
export async function pack(folder: string, file: string): Promise<void> {
  const temporary = temporaryBeside(file);
  try {
    const names = (await readdir(folder)).sort();
    await create({ file: temporary, cwd: folder, portable: true, gzip: isZipped(file) }, names);
    syncPath(temporary);
    renameSync(temporary, file);
  } finally {
    if (existsSync(temporary)) rmSync(temporary);
  }
}

/** Unpacks a file into an empty folder: files and folders alone. The failure says why it cannot be. */
export function unpack(file: string, folder: string): Result<undefined, string> {
  try {
    extract({
      file,
      cwd: folder,
      // Else it goes on writing what it has begun while whoever was told of the failure takes the folder away.
      sync: true,
      strict: true,
      preserveOwner: false,
      filter: (_, entry) => 'type' in entry && (entry.type === 'File' || entry.type === 'Directory'),
    });
    return ok(undefined);
  } catch (error) {
    const code = String((error as { readonly code?: unknown } | null)?.code ?? '');
    // A disk that is full says nothing of the file.
    if (/^E[A-Z]+$/.test(code)) throw error;
    return err(error instanceof Error ? error.message : String(error));
  }
}
