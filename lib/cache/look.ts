import { readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../util/hash.ts';
import { type StatSignature, signatureOf } from '../util/stat-signature.ts';

/** Looks at files and folders at most once each: stages share most of their code. */
export interface Look {
  signature(path: string): StatSignature | undefined;
  /** Digest of the names in a folder that an import could mean, and of where links lead; undefined when there is no such folder. */
  names(folder: string): string | undefined;
}

/** Made at run time or by others' tools beside the code, and never imported. */
const IGNORED = /^(runs\.db.*|artifacts|\..*|.*\.tmp|.*\.log)$/;

export function createLook(): Look {
  const signatures = new Map<string, StatSignature | undefined>();
  const names = new Map<string, string | undefined>();
  return {
    signature: (path) => once(signatures, path, signatureOf),
    names: (folder) => once(names, folder, namesIn),
  };
}

function once<T>(known: Map<string, T>, path: string, find: (path: string) => T): T {
  if (!known.has(path)) known.set(path, find(path));
  return known.get(path) as T;
}

export function namesIn(folder: string): string | undefined {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !IGNORED.test(name));
    const names = entries.map((entry) =>
      entry.isSymbolicLink() ? `${entry.name} -> ${target(folder, entry.name)}` : entry.name,
    );
    return sha256(names.sort().join('\n')).slice(0, 16);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Where a link leads in the end: what lies there may be known, and not whether another link leads elsewhere by now. */
function target(folder: string, link: string): string {
  try {
    return realpathSync(join(folder, link));
  } catch {
    // It leads nowhere.
    return '';
  }
}
