import { existsSync } from 'node:fs';
import { holdsContent } from '../cache/content.ts';
import type { Store } from '../cache/store.ts';
import type { ExpectedObject } from '../runlog/inspect.ts';
import type { Sha256 } from '../util/hash.ts';

export interface ObjectFault {
  readonly name: string;
  readonly hash: string;
  readonly problem: 'missing' | 'damaged';
}

export interface CheckObjectsOptions {
  readonly store: Store;
  /** Whether their bytes are read, too. */
  readonly read: boolean;
  readonly onProgress: (done: { readonly objects: number; readonly bytes: number }) => void;
}

/** Objects that should be in the store and are not, or are not what their name says. */
export async function checkObjects(
  expected: readonly ExpectedObject[],
  { store, read, onProgress }: CheckObjectsOptions,
): Promise<ObjectFault[]> {
  const faults: ObjectFault[] = [];
  let bytes = 0;
  for (const [at, { hash, name, sizeBytes }] of expected.entries()) {
    const path = store.pathOf(hash as Sha256);
    if (!existsSync(path)) faults.push({ name, hash, problem: 'missing' });
    // No memo: a disk may have changed bytes without anybody writing to them.
    else if (read && !(await holdsContent(path, hash))) faults.push({ name, hash, problem: 'damaged' });
    bytes += sizeBytes;
    onProgress({ objects: at + 1, bytes });
  }
  return faults;
}
