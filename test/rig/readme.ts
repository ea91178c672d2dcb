import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME } from './project.ts';

export const README = readFileSync(join(HOME, 'README.md'), 'utf8');

/** The code block under `<!-- test: NAME -->`. */
export function snippet(name: string): string {
  const found = new RegExp(`<!-- test: ${name} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(README)?.[1];
  if (found === undefined) throw new Error(`the README has no snippet '${name}'`);
  return found;
}
