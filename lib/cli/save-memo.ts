import type { Memo } from '../cache/memo.ts';
import { writeFault } from '../runner/write-fault.ts';
import type { Folders } from './project.ts';

/** Writes down what was learned; a folder that cannot be written to only makes the next start slower. */
export function saveMemo({ memo, folders }: { readonly memo: Memo; readonly folders: Folders }): void {
  try {
    memo.save();
  } catch (error) {
    writeFault(error, folders.state.folder);
  }
}
