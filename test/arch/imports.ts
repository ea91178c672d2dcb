import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseSync } from 'oxc-parser';
import { HOME } from '../rig/project.ts';

/** TypeScript files below a folder of the project, by their path from its root. */
export function sourcesIn(folder: string): string[] {
  return readdirSync(join(HOME, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ts$/.test(name) && !name.endsWith('.d.ts'))
    .map((name) => `${folder}/${name}`)
    .sort();
}

export const textOf = (file: string): string => readFileSync(join(HOME, file), 'utf8');

/** Everything a module imports or exports from, types too, and what it imports when it runs. */
export function importsOf(file: string, text: string): string[] {
  const { module, program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`);
  const named = module.staticImports.map(({ moduleRequest }) => moduleRequest.value);
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest }) => (moduleRequest === null ? [] : [moduleRequest.value])),
  );
  const dynamic = literalsOf(program, 'ImportExpression', 'source');
  const types = literalsOf(program, 'TSImportType', 'source');
  return [...named, ...exported, ...dynamic, ...types];
}

/** The folder of lib or `stages` a specifier leads to; undefined for packages and node's own modules. */
export function areaOf(file: string, specifier: string): string | undefined {
  const path = specifier.startsWith('mlloop/')
    ? `lib/${specifier.slice('mlloop/'.length)}`
    : specifier.startsWith('.')
      ? posix.join(posix.dirname(file), specifier)
      : undefined;
  const [top, folder] = (path ?? '').split('/');
  return top === 'lib' ? folder : top === 'stages' ? 'stages' : undefined;
}

interface Node {
  readonly type?: string;
  readonly [key: string]: unknown;
}

/** Every node of a syntax tree. */
export function* nodesOf(node: unknown): Generator<Node> {
  if (Array.isArray(node)) for (const one of node) yield* nodesOf(one);
  else if (typeof node === 'object' && node !== null) {
    yield node as Node;
    for (const value of Object.values(node)) yield* nodesOf(value);
  }
}

function literalsOf(program: unknown, type: string, field: string): string[] {
  return [...nodesOf(program)].flatMap((node) => {
    if (node.type !== type) return [];
    const value = (node[field] as { readonly value?: unknown } | undefined)?.value;
    return typeof value === 'string' ? [value] : [];
  });
}

/** String literals of a module that are no import. */
export function stringsOf(file: string, text: string): string[] {
  const { program } = parseSync(file, text);
  return [...nodesOf(program)].flatMap((node) =>
    node.type === 'Literal' && typeof node['value'] === 'string' ? [node['value']] : [],
  );
}
