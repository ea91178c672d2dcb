import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** mlloop's own version. */
export const packageVersion = (home: string): string =>
  (JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { readonly version: string }).version;
