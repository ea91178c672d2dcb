import { existsSync, lstatSync, readdirSync } from 'node:fs';

/** Whether a folder can be made there: nothing is, or an empty one. */
export const isFree = (folder: string): boolean => {
  if (!existsSync(folder)) return lstatSync(folder, { throwIfNoEntry: false }) === undefined;
  return lstatSync(folder).isDirectory() && readdirSync(folder).length === 0;
};
