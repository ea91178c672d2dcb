import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bundleStage, layOutBundle } from '../../lib/cache/bundle.ts';
import { formatFailure } from '../../lib/domain/failure.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { HOME } from '../rig/project.ts';

const path = temporaryFolder();

const STAGE = `import { helper } from './helper.ts';
import { sha256 } from 'mlloop/util/hash';
export default { run: async () => helper(sha256('x')) };
`;
const HELPER = `export const helper = (text: string) => text.length;
export const unused = () => 1;
`;

async function bundle(files: Readonly<Record<string, string>> = {}, folder = 'project') {
  mkdirSync(path(folder, 'stages'), { recursive: true });
  const sources = { 'stages/a.ts': STAGE, 'stages/helper.ts': HELPER, ...files };
  for (const [file, text] of Object.entries(sources)) writeFileSync(path(folder, file), text);
  return bundleStage({ root: path(folder), file: 'stages/a.ts', home: HOME });
}

async function hashOf(files: Readonly<Record<string, string>> = {}, folder?: string): Promise<string> {
  const result = await bundle(files, folder);
  if (!result.ok) throw new Error(formatFailure(result.failure));
  return result.value.hash;
}

describe('the hash of a stage’s code', () => {
  test.each([
    ['a comment', { 'stages/a.ts': `// said again\n${STAGE}` }],
    ['white space', { 'stages/a.ts': STAGE.replaceAll('=>', '  =>\n ') }],
    ['a type', { 'stages/helper.ts': HELPER.replace('(text: string)', '(text: string | string[])') }],
    ['an export it does not use', { 'stages/helper.ts': HELPER.replace('=> 1', '=> 2') }],
  ])('stays when %s changes', async (_, files) => {
    expect(await hashOf(files)).toBe(await hashOf());
  });

  test.each([
    ['its own code', { 'stages/a.ts': STAGE.replace("'x'", "'y'") }],
    ['the code of a module it imports', { 'stages/helper.ts': HELPER.replace('.length', '.length + 1') }],
  ])('is another when %s changes', async (_, files) => {
    expect(await hashOf(files)).not.toBe(await hashOf());
  });

  test('is the same in any folder', async () => {
    expect(await hashOf({}, 'elsewhere/deep')).toBe(await hashOf());
  });
});

describe('code that would make the hash lie is refused', () => {
  test.each([
    [
      'import.meta.url',
      'export default { run: async () => import.meta.url };',
      'stages/a.ts could not be bundled: import.meta has no meaning in it, because a bundled copy is executed. Give the path as a dep or a param.',
    ],
    [
      'import.meta.dirname',
      'export default { run: async () => import.meta.dirname };',
      'stages/a.ts could not be bundled: import.meta has no meaning in it, because a bundled copy is executed. Give the path as a dep or a param.',
    ],
    [
      'a computed require',
      'export default { run: async (ctx) => require(ctx.name) };',
      'stages/a.ts could not be bundled: it imports a module whose name is computed, so its code cannot be known beforehand. Write the name out.',
    ],
    [
      'a computed import',
      'export default { run: async (ctx) => import(ctx.name) };',
      'stages/a.ts could not be bundled: it imports a module whose name is computed, so its code cannot be known beforehand. Write the name out.',
    ],
  ])('%s', async (_, text, message) => {
    const result = await bundle({ 'stages/a.ts': text });
    expect(result.ok ? 'bundled' : formatFailure(result.failure)).toBe(message);
  });

  test('and code that does not parse is shown where', async () => {
    const result = await bundle({ 'stages/a.ts': 'export default {\n  run( {\n};\n' });
    expect(result.ok ? 'bundled' : formatFailure(result.failure)).toMatch(
      /^stages\/a\.ts:3:2 stages\/a\.ts could not be bundled: Expected .*\n {2}3 \| \};\n {7}\^/,
    );
  });
});

test.each([
  ['typebox', 'typebox', 'Type'],
  ['leven', 'leven', 'default as Type'],
  ['@bufbuild/protobuf/wire', '@bufbuild/protobuf', 'BinaryWriter as Type'],
])('%s is taken in, and looked at as one: by its package.json', async (imported, name, what) => {
  const made = await bundle({ 'stages/a.ts': `import { ${what} } from '${imported}';\nexport default Type;\n` });
  if (!made.ok) throw new Error(formatFailure(made.failure));
  const { packages, inputs, code } = made.value;
  expect(packages).toEqual([]);
  expect(code).not.toMatch(/from ?["'][a-z@]/);
  expect(inputs.filter((path) => path.includes('node_modules'))).toEqual([
    expect.stringMatching(new RegExp(`/node_modules/${name}/package\\.json$`)),
  ]);
});

describe('a bundle that is laid out as a stage’s file', () => {
  const PACKAGED = `import { parse } from 'csv-parse/sync';
import { readFileSync } from 'node:fs';
${STAGE.replace('helper(', 'parse("a") && (await import("yaml")).parse("1") && readFileSync("x") && helper(')}`;

  test('is the very same bundle, with the same packages', async () => {
    const made = await bundle({ 'stages/a.ts': PACKAGED });
    if (!made.ok) throw new Error(formatFailure(made.failure));
    const again = await bundle({ 'stages/a.ts': layOutBundle(made.value.code) }, 'elsewhere');
    if (!again.ok) throw new Error(formatFailure(again.failure));
    expect(made.value.packages).toEqual(['csv-parse', 'yaml']);
    expect({ ...again.value, inputs: [], named: [], sourceMap: '' }).toEqual({
      ...made.value,
      inputs: [],
      named: [],
      sourceMap: '',
    });
  });

  test('is ordinary code once it was edited, or when it only says that it is one', async () => {
    const made = await bundle();
    if (!made.ok) throw new Error(formatFailure(made.failure));
    const text = layOutBundle(made.value.code);
    const edited = await hashOf({ 'stages/a.ts': text.replace('"x"', '"y"') });
    expect(edited).not.toBe(made.value.hash);
    // Also where the edit is one that does not count for ordinary code.
    expect(await hashOf({ 'stages/a.ts': `// said again\n${text.replace('"x"', '"y"')}` })).toBe(edited);
    // What imports other files is not whole by itself, whatever stands in its last line.
    expect(await hashOf({ 'stages/a.ts': layOutBundle(STAGE) })).toBe(made.value.hash);
  });

  test('may not do what no stage may', async () => {
    const text = layOutBundle('export default { run: async () => import.meta.url };\n');
    const result = await bundle({ 'stages/a.ts': text });
    expect(result.ok ? 'bundled' : formatFailure(result.failure)).toContain('import.meta has no meaning in it');
  });
});
