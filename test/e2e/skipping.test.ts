import { statSync, symlinkSync, utimesSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { copyOfProject } from '../rig/five-stages.ts';
import { createProject, type Project } from '../rig/project.ts';

const PIPELINE = `name: toy
seed: 1
stages:
  first:
    run: stages/first.ts
    deps: { words: ./words.txt, more: { first: [./more.txt], optional: true } }
    params: { times: 2, list: [1, 2] }
    outs: { out: file }
  second:
    run: stages/second.ts
    deps: { in: first.out }
    outs: { out: file }
  apart:
    run: stages/apart.ts
    env: { TONE: soft }
    outs: { out: file }
  last:
    cmd: [node, join.mjs, "{deps.a}", "{deps.b}", "{outs.out}"]
    deps: { a: second.out, b: apart.out, code: ./join.mjs }
    outs: { out: file }
`;

const stage = (imports: string, body: string): string => `import { readFileSync, writeFileSync } from 'node:fs';
import { defineStage } from 'mlloop/stage/define-stage';
${imports}
export default defineStage({
  params: { type: 'object' },
  async run(ctx) {
    ${body}
  },
});
`;

const FIRST = stage(
  "import { trim } from '../shared/trim.ts';",
  "writeFileSync(ctx.outs.out, trim(readFileSync(ctx.deps.words, 'utf8')).repeat(ctx.params.times));",
);
const SECOND = stage(
  "import { trim } from '../shared/trim.ts';\nimport { version } from 'wordy';",
  "writeFileSync(ctx.outs.out, trim(readFileSync(ctx.deps.in, 'utf8')) + version);",
);
const APART = stage("import { tone } from 'beside';", 'writeFileSync(ctx.outs.out, tone(process.env.TONE));');
const TRIM = 'export const trim = (text: string): string => text.trim();\nexport const other = 1;\n';
const JOIN = `import { readFileSync, writeFileSync } from 'node:fs';
const [a, b, out] = process.argv.slice(2);
writeFileSync(out, readFileSync(a, 'utf8') + readFileSync(b, 'utf8'));
`;

const manifest = (name: string, version: string, main: string): string => JSON.stringify({ name, version, main });

function toy(): Project {
  const project = createProject({
    'pipeline.yaml': PIPELINE,
    'words.txt': 'one two',
    'join.mjs': JOIN,
    'stages/first.ts': FIRST,
    'stages/second.ts': SECOND,
    'stages/apart.ts': APART,
    'shared/trim.ts': TRIM,
    'node_modules/wordy/package.json': manifest('wordy', '1.0.0', 'index.js'),
    'node_modules/wordy/index.js': "exports.version = '!';",
    'packages/beside/package.json': manifest('beside', '0.0.0', 'index.ts'),
    'packages/beside/index.ts': 'export const tone = (text?: string): string => String(text);\n',
  });
  symlinkSync('../packages/beside', project.path('node_modules', 'beside'));
  return project;
}

let made: Project;
let project: Project;
beforeAll(async () => {
  made = toy();
  expect((await made.mlloop(['run'])).status).toBe(0);
});
afterAll(() => made.dispose());
afterEach(() => project.dispose());

/** What a run does after a change, in one line a stage: what was done, and why. */
async function after(change: () => void, ...args: string[]): Promise<Record<string, string>> {
  project = copyOfProject(made);
  change();
  return did(...args);
}

async function did(...args: string[]): Promise<Record<string, string>> {
  const { status, stderr } = await project.mlloop(['run', ...args]);
  expect(status, stderr).toBe(0);
  const lines = stderr.matchAll(/^(\w+) +(ran|fresh|cached)(?: +[\d.]+ m?s)? +(.*)$/gm);
  return Object.fromEntries([...lines].map(([, name = '', what, why]) => [name, `${what}: ${why}`]));
}

const fresh = 'fresh: nothing changed';
const ALL_FRESH = { first: fresh, second: fresh, apart: fresh, last: fresh };

const edit = (file: string, from: string, to: string): void => {
  const text = project.read(file);
  expect(text).toContain(from);
  project.write(file, text.replaceAll(from, to));
};

describe('nothing runs when', () => {
  test.each<[string, () => void]>([
    ['the project lies in another folder', () => undefined],
    ['a comment is added to a stage', () => project.write('stages/first.ts', `// A word.\n${FIRST}`)],
    ['a stage is written on one line', () => edit('stages/second.ts', '\n    ', ' ')],
    ['a type changes', () => edit('shared/trim.ts', '(text: string)', '(text: string & {})')],
    ['what nobody imports changes', () => edit('shared/trim.ts', 'other = 1', 'other = 2')],
    ['the program’s text is the same again', () => project.write('join.mjs', JOIN)],
    [
      'the keys of pipeline.yaml stand in another order',
      () => {
        project.write(
          'pipeline.yaml',
          `# Said in another way.
stages:
  last:
    outs:
      out: file
    deps: { code: ./join.mjs, b: apart.out, a: second.out }
    cmd:
      - node
      - join.mjs
      - '{deps.a}'
      - '{deps.b}'
      - '{outs.out}'
  apart: { outs: { out: file }, env: { TONE: 'soft' }, run: stages/apart.ts }
  second: { run: stages/second.ts, desc: Trims., outs: { out: file }, deps: { in: first.out } }
  first:
    outs: { out: file }
    params: { list: [1, 2], times: 2 }
    deps:
      more: { optional: true, first: [./more.txt] }
      words: ./words.txt
    run: stages/first.ts
seed: 1
name: toy
`,
        );
      },
    ],
    [
      'a stage may be tried more often and take longer',
      () => {
        edit(
          'pipeline.yaml',
          'run: stages/first.ts',
          'run: stages/first.ts\n    timeout: 5m\n    retry: { attempts: 2 }',
        );
      },
    ],
  ])('%s', async (_, change) => {
    expect(await after(change)).toEqual(ALL_FRESH);
  });
});

describe('what must run runs, says why, and nothing else does, when', () => {
  test.each<[string, () => void, Record<string, string>]>([
    [
      'a module changes that two stages import, and they make the same again',
      () => edit('shared/trim.ts', 'text.trim()', "text.trim() + ''"),
      {
        first: 'ran: code changed',
        second: 'ran: code changed',
      },
    ],
    [
      'a file is written with as many bytes and its old time',
      () => {
        const file = project.path('words.txt');
        const { atime, mtime } = statSync(file);
        edit('words.txt', 'two', 'six');
        utimesSync(file, atime, mtime);
      },
      { first: 'ran: words changed', second: 'ran: in changed', last: 'ran: a changed' },
    ],
    ['an optional file comes', () => project.write('more.txt', 'x'), { first: 'ran: more changed' }],
    [
      'a package is installed at another version',
      () => {
        project.write('node_modules/wordy/package.json', manifest('wordy', '1.0.1', 'index.js'));
      },
      { second: 'ran: package wordy 1.0.0 -> 1.0.1' },
    ],
    [
      'a package of the workspace is edited',
      () => edit('packages/beside/index.ts', 'String(text)', "text + '.'"),
      {
        apart: 'ran: code changed',
        last: 'ran: b changed',
      },
    ],
    [
      'a nearer node_modules holds another package of the same name',
      () => {
        project.write('stages/node_modules/beside/package.json', '{ "version": "9.0.0", "type": "module" }');
        project.write('stages/node_modules/beside/index.js', 'export const tone = () => "loud";');
      },
      { apart: 'ran: code changed', last: 'ran: b changed' },
    ],
    ['a program changes', () => edit('join.mjs', 'readFileSync(a', 'readFileSync( a'), { last: 'ran: code changed' }],
    [
      'a param changes',
      () => edit('pipeline.yaml', 'times: 2', 'times: 3'),
      {
        first: 'ran: params.times 2 -> 3',
        second: 'ran: in changed',
        last: 'ran: a changed',
      },
    ],
    [
      'a list has another order',
      () => edit('pipeline.yaml', '[1, 2]', '[2, 1]'),
      { first: 'ran: params.list [1,2] -> [2,1]' },
    ],
    [
      'a declared variable changes',
      () => edit('pipeline.yaml', 'TONE: soft', 'TONE: hard'),
      {
        apart: 'ran: env.TONE soft -> hard',
        last: 'ran: b changed',
      },
    ],
  ])('%s', async (_, change, expected) => {
    expect(await after(change)).toEqual({ ...ALL_FRESH, ...expected });
    expect(await did()).toEqual(ALL_FRESH);
  });
});

test('a package beside a stage is the one it gets, though another one lies above', async () => {
  await after(() => {
    project.write('stages/node_modules/wordy/package.json', manifest('wordy', '1.0.0', 'index.js'));
    project.write('stages/node_modules/wordy/index.js', "exports.version = '?';");
  });
  expect(project.read('artifacts/latest/second/out')).toBe('one twoone two?');
  project.write('stages/node_modules/wordy/index.js', "exports.version = '.';");
  expect(await did()).toMatchObject({ first: fresh, second: 'ran: code changed' });
});

test('a param back at its old value is restored, not computed again', async () => {
  await after(() => edit('pipeline.yaml', 'times: 2', 'times: 3'));
  edit('pipeline.yaml', 'times: 3', 'times: 2');
  expect(await did()).toEqual({
    ...ALL_FRESH,
    first: 'cached: params.times 3 -> 2; as in run 1',
    second: 'cached: in changed; as in run 1',
    last: 'cached: a changed; as in run 1',
  });
  expect(project.read('artifacts/latest/last/out')).toBe(made.read('artifacts/latest/last/out'));
});
