import { utimesSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { createGate, type Gate } from '../rig/gate.ts';
import { createProject, type Execution, ended, type Project } from '../rig/project.ts';

let project: Project;
let gate: Gate;
afterEach(() => project.dispose());

const PIPELINE = `name: toy
seed: 1
stages:
  read:
    run: stages/read.ts
    deps: { input: ./input.txt, folder: ./folder }
    outs: { copy: file }
  after:
    run: stages/after.ts
    deps: { copy: read.copy }
    outs: { copy: file }
`;

const stage = (body: string, wait: string): string => `import { readFileSync, writeFileSync } from 'node:fs';
import { defineStage } from 'mlloop/stage/define-stage';
import { version } from 'wordy';
export default defineStage({
  params: { type: 'object' },
  async run(ctx) {
    ${wait}
    writeFileSync(ctx.outs.copy, ${body} + version);
  },
});
`;

const version = (number: string): string => JSON.stringify({ name: 'wordy', version: number, main: 'index.js' });

/** What a run did while something changed in the middle of its first stage. */
async function during(change: () => void, body = "readFileSync(ctx.deps.input, 'utf8')"): Promise<Execution> {
  project = createProject({
    'pipeline.yaml': PIPELINE,
    'input.txt': 'one',
    'folder/a': 'a',
    'node_modules/wordy/package.json': version('1.0.0'),
    'node_modules/wordy/index.js': "exports.version = '1';",
  });
  gate = createGate(project);
  project.write('stages/read.ts', stage(body, gate.code));
  project.write('stages/after.ts', stage("readFileSync(ctx.deps.copy, 'utf8')", ''));
  const running = ended(project.start(['run']));
  await gate.reached();
  change();
  await gate.open();
  return running;
}

/** Runs again; the stage that waits is let on where it runs. */
async function again(): Promise<Execution> {
  const running = ended(project.start(['run']));
  const isWaiting = await Promise.race([running.then(() => false), gate.reached().then(() => true)]);
  if (isWaiting) await gate.open();
  return running;
}

/** The words of a stage's line: what was done, and why. */
const line = ({ stderr }: Execution, name: string): string =>
  new RegExp(`^${name} +(\\w+)(?: +[\\d.]+ m?s)? +(.*)$`, 'm').exec(stderr)?.slice(1).join(': ') ?? stderr;

const TAINT = ' changed while it ran: what it made is used now, and made again the next time';

describe('while a stage runs', () => {
  test.each<[string, string, () => void]>([
    ['a file it reads is written', 'input', () => project.write('input.txt', 'two')],
    [
      'a file it reads is written with as many bytes and its old time',
      'input',
      () => {
        project.write('input.txt', 'two');
        utimesSync(project.path('input.txt'), 1, 1);
      },
    ],
    [
      'a file it reads is written, and put back as it was',
      'input',
      () => {
        project.write('input.txt', 'two');
        project.write('input.txt', 'one');
      },
    ],
    ['a file comes into a folder it reads', 'folder', () => project.write('folder/b', 'b')],
    [
      'a package it imports is installed at another version',
      'package wordy',
      () => {
        project.write('node_modules/wordy/package.json', version('2.0.0'));
      },
    ],
  ])('%s: that is said, and what it made is not taken again', async (_, what, change) => {
    const first = await during(change);
    expect(first.status, first.stderr).toBe(0);
    expect(first.stderr).toContain(`${what}${TAINT}`);
    expect(project.rows("SELECT key FROM attempt WHERE stage = 'read'")).toEqual([{ key: null }]);
    const next = await again();
    expect(line(next, 'read')).toBe('ran: what it read changed while it ran the last time');
    const idle = await project.mlloop(['run']);
    expect(line(idle, 'read')).toBe('fresh: nothing changed');
  });

  test('a file that its task reads is written: what came of that is not remembered for the file as it was', async () => {
    const remembered = `await (async (memo) => {
      const [known] = await memo.recall([{}]);
      const text = known ?? readFileSync(ctx.deps.input, 'utf8');
      memo.remember({}, text);
      return text;
    })(ctx.memo('read', ['input']))`;
    const first = await during(() => project.write('input.txt', 'two'), remembered);
    expect(first.status, first.stderr).toBe(0);
    expect(project.read('artifacts/latest/read/copy')).toBe('two1');
    project.write('input.txt', 'one');
    expect((await again()).status).toBe(0);
    expect(project.read('artifacts/latest/read/copy')).toBe('one1');
  });

  test('nothing it reads changes: nothing is said', async () => {
    const first = await during(() => project.write('other.txt', 'x'));
    expect(first.stderr).not.toContain('changed while it ran');
    expect(line(await project.mlloop(['run']), 'read')).toBe('fresh: nothing changed');
  });
});
