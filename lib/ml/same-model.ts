import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether every file of the model folder `made` stands in the folder `there` with the same bytes. */
export const isSameModel = (made: string, there: string): boolean =>
  readdirSync(made).every((name) => {
    const other = join(there, name);
    return existsSync(other) && readFileSync(join(made, name)).equals(readFileSync(other));
  });
