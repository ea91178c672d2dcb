import { afterEach, describe, expect, test } from 'vitest';
import { createProject, type Project } from '../rig/project.ts';
import { toyProject } from '../rig/toy.ts';

const PIPELINE = `name: toy
seed: 1
stages:
  first:
    run: stages/first.ts
    outs: { text: file }
  second:
    run: stages/second.ts
    deps: { text: first.text }
    outs: { copy: file }
`;

const stage = (body: string): string => `import { readFileSync, writeFileSync } from 'node:fs';
import { defineStage } from 'mlloop/stage/define-stage';
import { Type } from 'typebox';
export default defineStage({
  params: Type.Object({}),
  async run(ctx) {
    ${body}
  },
});
`;

const GOOD = stage("writeFileSync(ctx.outs.text ?? '', 'hello');");
const COPY = stage("writeFileSync(ctx.outs.copy ?? '', readFileSync(ctx.deps.text ?? ''));");

let project: Project;
afterEach(() => project.dispose());

const toy = (first: string, second = COPY): Project => {
  project = createProject({ 'pipeline.yaml': PIPELINE, 'stages/first.ts': first, 'stages/second.ts': second });
  return project;
};

/** What is said between the stage's line and the summary, without what differs from run to run. */
const told = (stderr: string): string => stderr.replaceAll(project.root, '<root>');

describe('a stage that', () => {
  test.each([
    ['throws', "console.log('before'); throw new Error('no luck');", 'It threw: no luck'],
    ['exits 7', "console.log('before'); process.exit(7);", 'It exited with status 7 before it was done.'],
    [
      'is killed',
      "console.log('before'); process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});",
      'It was killed by SIGKILL.',
    ],
    [
      'sends garbage',
      "console.log('before'); process.send?.({ rubbish: 1 }); await new Promise(() => {});",
      'It sent something that is not a message of a stage: {"rubbish":1}.',
    ],
    ['writes no out', "console.log('before');", "It ended well but wrote nothing to its out 'text' (file)."],
    [
      'writes an out nobody declared',
      "console.log('before'); writeFileSync(`${ctx.outs.text}.bak`, 'x');",
      "Its out 'text.bak' is not declared under outs in pipeline.yaml.",
    ],
    [
      'writes a link',
      "console.log('before'); (await import('node:fs')).symlinkSync('/etc/hostname', ctx.outs.text ?? '');",
      "Its out 'text' is or holds a symbolic link (text): what it points at may change; copy it instead.",
    ],
    [
      'writes a link into nowhere',
      "console.log('before'); (await import('node:fs')).symlinkSync('nowhere', ctx.outs.text ?? '');",
      "Its out 'text' is or holds a symbolic link (text): what it points at may change; copy it instead.",
    ],
  ])('%s fails, blocks what follows, and says how to go on', async (_, body, message) => {
    const { status, stderr } = await toy(stage(body)).mlloop(['run']);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).toContain('before');
    expect(told(stderr)).toContain('<root>/artifacts/logs/1/first.log');
    expect(stderr).toContain('npm run pipeline -- --from first');
    expect(project.rows('SELECT stage, status FROM attempt ORDER BY id')).toEqual([
      { stage: 'first', status: 'failed' },
      { stage: 'second', status: 'blocked' },
    ]);
    expect(project.rows('SELECT status, exit_code FROM run')).toEqual([{ status: 'failed', exit_code: 1 }]);
  });
});

test('a program that cannot be started at all says why', async () => {
  project = toyProject({ a: { yaml: ['cmd: [cp, pipeline.yaml, "{outs.out}"]', 'outs: { out: file }'] } });
  const { status, stderr } = await project.mlloop(['run'], { PATH: project.path('nowhere') });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    / {2}Its program could not be started: .+\n {2}Programs are started through bash, which has to be found in PATH\./,
  );
});

test('a folder without a file in it is no out', async () => {
  project = toyProject({ a: { yaml: ['cmd: [mkdir, "{outs.out}/inside"]', 'outs: { out: folder }'] } });
  const { status, stderr } = await project.mlloop(['run']);
  expect(status).toBe(1);
  expect(stderr).toContain("It ended well but wrote nothing to its out 'out' (folder).");
});

test('a stage mended after it failed goes on where the run stopped', async () => {
  expect((await toy(stage("throw new Error('no luck');")).mlloop(['run'])).status).toBe(1);
  project.write('stages/first.ts', GOOD);
  expect((await project.mlloop(['run', '--from', 'first'])).status).toBe(0);
  expect(project.read('artifacts/latest/second/copy')).toBe('hello');
});

test('a stage whose dep has not been made names the command that makes it', async () => {
  const { status, stderr } = await toy(GOOD).mlloop(['stage', 'second']);
  expect(status).toBe(2);
  expect(stderr).toContain("Its dep 'text' is first.text, which has not been made yet.");
  expect(stderr).toContain('Make it with: npm run pipeline -- --to first');
});

test('what has not changed is fresh, a comment changes nothing, an older key is restored', async () => {
  const statuses = (run: number): unknown[] =>
    project
      .rows(`SELECT stage, status FROM attempt WHERE run = ${run} ORDER BY id`)
      .map((row) => Object.values(row as object).join(' '));
  expect((await toy(GOOD).mlloop(['run'])).status).toBe(0);
  await project.mlloop(['run']);
  expect(statuses(2)).toEqual(['first fresh', 'second fresh']);
  project.write('stages/first.ts', `// a comment\n${GOOD}`);
  await project.mlloop(['run']);
  expect(statuses(3)).toEqual(['first fresh', 'second fresh']);
  project.write('stages/first.ts', GOOD.replace('hello', 'good bye'));
  await project.mlloop(['run']);
  expect(statuses(4)).toEqual(['first succeeded', 'second succeeded']);
  project.write('stages/first.ts', GOOD);
  const { stderr } = await project.mlloop(['run']);
  expect(statuses(5)).toEqual(['first cached', 'second cached']);
  expect(stderr).toContain('code changed; as in run 1');
  expect(project.read('artifacts/latest/second/copy')).toBe('hello');
});

test('a program is a stage too, with its deps, outs and params filled in', async () => {
  project = createProject({
    'pipeline.yaml': `name: toy
seed: 1
stages:
  shout:
    cmd: [sh, -c, 'tr a-z A-Z < "$1" > "$2"; echo did "$3"', sh, "{deps.text}", "{outs.loud}", "{params.word}"]
    deps: { text: ./in.txt }
    params: { word: it }
    outs: { loud: file }
`,
    'in.txt': 'quiet',
  });
  expect((await project.mlloop(['run'])).status).toBe(0);
  expect(project.read('artifacts/latest/shout/loud')).toBe('QUIET');
  expect((await project.mlloop(['logs', 'shout'])).stdout).toBe('did it\n');
  project.write('in.txt', 'other');
  expect((await project.mlloop(['run'])).stderr).toContain('text changed');
});

test('an unknown stage is told with the nearest name', async () => {
  const { status, stderr } = await toy(GOOD).mlloop(['run', '--only', 'frist']);
  expect(status).toBe(2);
  expect(stderr).toBe("There is no stage 'frist'. Did you mean 'first'?\nDeclared: first, second.\n");
});
