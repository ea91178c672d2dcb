import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { Project } from '../rig/project.ts';
import { moduleStage, toyProject } from '../rig/toy.ts';

let project: Project;
afterEach(() => project.dispose());

const WRITE = moduleStage(
  "fs.writeFileSync(ctx.outs['out'] ?? '', String(ctx.params.n));",
  'params: Type.Object({ n: Type.Integer() }, { additionalProperties: false }),',
);
const COPY = moduleStage("fs.copyFileSync(ctx.deps['in'] ?? '', ctx.outs['out'] ?? '');");

const two = (): Project => {
  project = toyProject({
    first: { source: WRITE, yaml: ['params: { n: 1 }', 'outs: { out: file }'] },
    second: { source: COPY, yaml: ['deps: { in: first.out }', 'outs: { out: file }'] },
  });
  return project;
};

describe('on the command line', () => {
  test.each<[string, readonly string[], string]>([
    [
      'an unknown stage',
      ['run', '--only', 'frist'],
      "There is no stage 'frist'. Did you mean 'first'?\nDeclared: first, second.\n",
    ],
    [
      '--from behind --to',
      ['run', '--from', 'second', '--to', 'first'],
      'No stage lies between --from second and --to first: second comes after first.\n',
    ],
    [
      '--set on a stage there is not',
      ['run', '--set', 'frist.params.n=2'],
      "--set frist.params.n=2: there is no stage 'frist'. Did you mean 'first'?\nWrite --set STAGE.params.NAME=VALUE, with the value as in YAML.\n",
    ],
    [
      '--set on a param there is not',
      ['run', '--set', 'first.params.m=2'],
      "first.params has an unknown key 'm'. Did you mean 'n'?\nKnown here: n.\n",
    ],
    [
      '--set with a value of the wrong type',
      ['run', '--set', 'first.params.n=many'],
      "first.params.n has to be a whole number, but is 'many'.\n",
    ],
    [
      '--set on what cannot be set',
      ['run', '--set', 'first.retry.attempts=2'],
      "--set first.retry.attempts=2: only params, env, timeout of a stage can be set, not 'retry'.\nWrite --set STAGE.params.NAME=VALUE, with the value as in YAML.\n",
    ],
    [
      '--jobs 0',
      ['run', '--jobs', '0'],
      "error: option '--jobs <n>' argument '0' is invalid. It has to be a whole number from 1.\n",
    ],
  ])('%s is told, and leaves nothing behind', async (_, args, message) => {
    const { status, stdout, stderr } = await two().mlloop(args);
    expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: message });
    expect(() => project.read('runs.db')).toThrow(/ENOENT/);
  });
});

test('a stage that asks where it lies is refused before anything runs', async () => {
  two().write('stages/second.ts', moduleStage("fs.writeFileSync(ctx.outs['out'] ?? '', import.meta.url);"));
  const { status, stderr } = await project.mlloop(['run']);
  expect(status).toBe(2);
  expect(
    stderr,
  ).toBe(`pipeline.yaml:9:10 stages/second.ts could not be bundled: import.meta has no meaning in it, because a bundled copy is executed. Give the path as a dep or a param.
  9 |     run: stages/second.ts
               ^
`);
});

describe('the state folder', () => {
  test('of a newer program is left alone', async () => {
    await two().mlloop(['run']);
    const database = project.open();
    database.pragma('user_version = 99');
    database.close();
    const { status, stderr } = await project.mlloop(['run']);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^.*runs\.db has schema version 99; this program knows versions up to \d+\.\nUse the newer mlloop/,
    );
    expect(project.rows('SELECT count(*) AS n FROM run')).toEqual([{ n: 1 }]);
  });

  test('with what runs have made, but without the log that knows of it, is not begun anew', async () => {
    await two().mlloop(['run']);
    rmSync(project.path('runs.db'));
    project.write('artifacts/models/.DS_Store', '');
    const { status, stderr } = await project.mlloop(['run']);
    expect(status).toBe(2);
    expect(stderr.replaceAll(project.root, '<root>')).toBe(
      `<root>/artifacts holds what runs have made, but the runs.db that knows of it is not beside it.
Bring runs.db back, or begin anew by taking <root>/artifacts out of the way.
`,
    );
    expect(project.read('artifacts/latest/second/out')).toBe('1');
    renameSync(project.path('artifacts'), project.path('before'));
    expect((await project.mlloop(['run'])).status).toBe(0);
  });

  test('with an empty file in place of a log of several runs is not begun anew', async () => {
    await two().mlloop(['run']);
    await project.mlloop(['run', '--force']);
    project.write('runs.db', '');
    for (const beside of ['runs.db-wal', 'runs.db-shm']) rmSync(project.path(beside), { force: true });
    const { status, stderr } = await project.mlloop(['run']);
    expect(status).toBe(2);
    expect(stderr).toContain('holds what runs have made, but the runs.db that knows of it is an empty file.\n');
  });

  const mountReadOnly = (folder: string): boolean =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', folder]).status === 0;

  test('that cannot be written to is told', async ({ skip }) => {
    two();
    mkdirSync(project.path('state'));
    if (!mountReadOnly(project.path('state'))) skip('nothing can be mounted here');
    try {
      const { status, stderr } = await project.mlloop(['run', '--state', 'state']);
      expect(status).toBe(2);
      expect(stderr.replaceAll(project.root, '<root>')).toMatch(
        /^<root>\/state cannot be written to: .*read-only file system.*\.\nMake the folder writable, or name another one with --state DIR\.\n$/,
      );
    } finally {
      spawnSync('umount', [project.path('state')]);
    }
  });
});

describe('a place that cannot be written', () => {
  const FOLDER = 'folder cannot be written: it is a folder.\nName another place.\n';
  const inFile = (target: string): string =>
    `${target} cannot be written: what it would lie in is no folder.\nName another place.\n`;

  test('is told by its name, and is no bug of mlloop', async () => {
    two();
    expect((await project.mlloop(['run'])).status).toBe(0);
    mkdirSync(project.path('folder'));
    const said: readonly (readonly [readonly string[], string])[] = [
      [['check', '--schema', 'folder'], FOLDER],
      [['check', '--schema', 'pipeline.yaml/x'], inFile('pipeline.yaml/x')],
      [['feedback', 'export', 'folder'], FOLDER],
      [
        ['feedback', 'export', 'nowhere/x.csv'],
        'nowhere/x.csv cannot be written: the folder that it would lie in is not there.\nName another place.\n',
      ],
      [['state', 'export', 'pipeline.yaml/x.tar'], inFile('pipeline.yaml/x.tar')],
      [['restore', '1', '--into', 'pipeline.yaml/x'], inFile('pipeline.yaml/x')],
    ];
    for (const [args, stderr] of said) {
      expect(await project.mlloop(args), args.join(' ')).toEqual({ status: 2, stdout: '', stderr });
    }
  });
});
