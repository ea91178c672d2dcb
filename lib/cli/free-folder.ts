import { existsSync, lstatSync, readdirSync } from 'node:fs';

/** A link to nothing: it is not there for whoever follows it, and in the way all the same. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    // Nothing is there, or what it would lie in is no folder: whoever makes it finds out.
    return false;
  }
}

/** Whether a folder can be made there: nothing is, or an empty one. */
export const isFree = (folder: string): boolean => {
  if (!existsSync(folder)) return !isLink(folder);
  return lstatSync(folder).isDirectory() && readdirSync(folder).length === 0;
};
