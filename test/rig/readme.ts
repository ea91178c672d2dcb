import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME } from './project.ts';

/** The pages people read, by their path. */
export const PAGES: ReadonlyMap<string, string> = new Map(
  ['README.md', ...readdirSync(join(HOME, 'docs')).map((name) => `docs/${name}`)].map((path) => [
    path,
    readFileSync(join(HOME, path), 'utf8'),
  ]),
);

/** All that they say. */
export const DOCS = [...PAGES.values()].join('\n');

/** The code block under `<!-- test: NAME -->`. */
export function snippet(name: string): string {
  const found = new RegExp(`<!-- test: ${name} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(DOCS)?.[1];
  if (found === undefined) throw new Error(`no page has a snippet '${name}'`);
  return found;
}
