import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { copyOfProject, fiveStageProject } from '../rig/five-stages.ts';
import type { Project } from '../rig/project.ts';
import { expectSound, finalState } from '../rig/soundness.ts';

let made: Project;
let good: unknown;
let project: Project;

beforeAll(async () => {
  made = fiveStageProject();
  expect((await made.mlloop(['run'])).status).toBe(0);
  good = await finalState(made);
});
afterAll(() => made.dispose());
afterEach(() => project.dispose());

/** A project in which everything is made, to be damaged. */
const whole = (): Project => {
  project = copyOfProject(made);
  return project;
};

/** The object a stage's out is. */
function objectOf(stage: string, out: string): string {
  const [row] = project.rows<{ hash: string }>(
    `SELECT hash FROM v_lineage WHERE role = 'out' AND stage = '${stage}' AND name = '${out}'`,
  );
  const hash = row?.hash ?? '';
  return project.path('artifacts', 'objects', hash.slice(0, 2), hash);
}

/** What a plain run did with each stage, and that everything is as it was. */
async function mended(): Promise<Record<string, string>> {
  const { status, stderr } = await project.mlloop(['run']);
  expect(status, stderr).toBe(0);
  await expectSound(project);
  expect(await finalState(project)).toEqual(good);
  const lines = stderr.matchAll(/^(\w+) +(ran|fresh|cached)(?: +[\d.]+ m?s)? +(.*)$/gm);
  return Object.fromEntries([...lines].map(([, stage = '', did, why]) => [stage, `${did}: ${why}`]));
}

const FRESH = { make: 'fresh: nothing changed', shout: 'fresh: nothing changed', fit: 'fresh: nothing changed' };

function overwrite(file: string, text: string): void {
  chmodSync(file, 0o644);
  writeFileSync(file, text);
}

describe('an object that', () => {
  test.each<[string, (object: string) => void]>([
    ['was written over with as many bytes', (object) => overwrite(object, readFileSync(object, 'utf8').toLowerCase())],
    ['was cut off', (object) => truncateSync(object, 3)],
    ['is empty', (object) => truncateSync(object, 0)],
    ['is gone', (object) => rmSync(object)],
    [
      'became a folder',
      (object) => {
        rmSync(object);
        mkdirSync(object);
      },
    ],
  ])('%s is made again, and nothing after it', async (_, damage) => {
    whole();
    damage(objectOf('shout', 'loud'));
    expect(await mended()).toMatchObject({
      ...FRESH,
      shout: 'ran: its stored outs are missing or damaged',
      report: 'fresh: nothing changed',
    });
  });

  test.each<[string, (folder: string) => void]>([
    ['lacks a file', (folder) => rmSync(join(folder, 'deep', 'two'))],
    ['has one too many', (folder) => writeFileSync(join(folder, 'more'), 'x')],
  ])('is a folder and %s is made again', async (_, damage) => {
    whole();
    damage(objectOf('make', 'pages'));
    expect((await mended())['make']).toBe('ran: its stored outs are missing or damaged');
  });

  test('a person edited where the latest outs are shown is made again', async () => {
    whole();
    // A copied project's file is a file of its own until a run names the object again.
    expect(await mended()).toMatchObject(FRESH);
    for (const shown of ['numbers.json', 'text', 'pages/one']) {
      overwrite(project.path('artifacts', 'latest', 'make', shown), '[1]');
      expect((await mended())['make']).toBe('ran: its stored outs are missing or damaged');
    }
  });

  test('is damaged and stands for an older state is not brought back', async () => {
    whole();
    const old = objectOf('shout', 'loud');
    project.write('input.txt', 'other\n');
    expect((await project.mlloop(['run'])).status).toBe(0);
    truncateSync(old, 1);
    project.write('input.txt', made.read('input.txt'));
    expect(await mended()).toMatchObject({ make: 'cached: input changed; as in run 1', shout: 'ran: text changed' });
  });
});

describe('a stage that is run alone', () => {
  test.each([[['stage', 'shout']], [['run', '--only', 'shout', '--force']], [['run', '--from', 'shout']]])(
    'by %j does not read what is damaged',
    async (args) => {
      whole();
      overwrite(objectOf('make', 'text'), 'wrong words\n');
      const { status, stderr } = await project.mlloop(args);
      expect(status).toBe(2);
      expect(stderr).toContain(
        "Its dep 'text' is make.text, and what the store holds of it is missing or damaged.\n" +
          '  Make it again with: npm run pipeline -- --to make',
      );
      expect(await mended()).toMatchObject({ make: 'ran: its stored outs are missing or damaged' });
    },
  );

  test('reads what is there, and a damaged object it makes itself is replaced', async () => {
    whole();
    overwrite(objectOf('shout', 'loud'), 'silence');
    expect((await project.mlloop(['stage', 'shout'])).status).toBe(0);
    expect(await mended()).toMatchObject(FRESH);
  });
});

describe('what people look at', () => {
  const latest = (...parts: string[]): string => project.path('artifacts', 'latest', ...parts);

  test('and leads elsewhere is put right, and what it led to is left alone', async () => {
    whole();
    project.write('elsewhere/precious', 'mine');
    rmSync(latest('make', 'pages'));
    symlinkSync(project.path('elsewhere'), latest('make', 'pages'));
    rmSync(latest('report', 'page.html'));
    symlinkSync(project.path('elsewhere', 'precious'), latest('report', 'page.html'));
    expect(await mended()).toMatchObject(FRESH);
    expect(project.read('elsewhere/precious')).toBe('mine');
    expect(readlinkSync(latest('make', 'pages'))).toMatch(/^\.\.\/\.\.\/objects\//);
    expect(lstatSync(latest('report', 'page.html')).isFile()).toBe(true);
  });

  test('and is gone, or became a folder of its own, is put right', async () => {
    whole();
    rmSync(latest('fit'), { recursive: true });
    rmSync(latest('make', 'pages'));
    mkdirSync(latest('make', 'pages'));
    writeFileSync(latest('make', 'pages', 'one'), 'not an out');
    expect(await mended()).toMatchObject(FRESH);
  });

  test('and became a file is told, and is no failure', async () => {
    whole();
    rmSync(project.path('artifacts/latest'), { recursive: true });
    project.write('artifacts/latest', '');
    const { status, stderr } = await project.mlloop(['run']);
    expect(status).toBe(0);
    expect(stderr).toMatch(/warning: .*artifacts cannot be written to: ENOTDIR/);
  });

  test('and is a link into nowhere is put right', async () => {
    whole();
    rmSync(latest('make', 'text'));
    symlinkSync('nowhere', latest('make', 'text'));
    expect(await mended()).toMatchObject(FRESH);
  });
});

describe('what is remembered', () => {
  const memo = (): string => project.path('artifacts', 'cache', 'memo');

  test.each<[string, () => void]>([
    ['gone', () => rmSync(memo())],
    ['cut off', () => truncateSync(memo(), 100)],
    ['no text at all', () => writeFileSync(memo(), new Uint8Array(2000).fill(255))],
  ])('is %s: nothing is wrong, and nothing is made again', async (_, damage) => {
    whole();
    damage();
    expect(await mended()).toMatchObject(FRESH);
  });
});

describe('the runnable copy of a stage that', () => {
  const copies = (): string[] => {
    const folder = project.path('node_modules', '.cache', 'mlloop', 'stages');
    return readdirSync(folder).map((hash) => join(folder, hash, 'stage.mjs'));
  };

  test.each<[string, (copy: string) => void]>([
    [
      'a person edited',
      (copy) => writeFileSync(copy, readFileSync(copy, 'utf8').replace('<pre>', '<b>').replace('5000', '4')),
    ],
    [
      'says something else',
      (copy) => writeFileSync(copy, 'export default { params: {}, run() { process.exit(9); } };'),
    ],
    ['was cut off', (copy) => truncateSync(copy, 20)],
    ['is gone', (copy) => rmSync(copy)],
  ])('%s is never what runs', async (_, damage) => {
    whole();
    for (const copy of copies()) damage(copy);
    const { status, stderr } = await project.mlloop(['run', '--force']);
    expect(status, stderr).toBe(0);
    expect(await finalState(project)).toEqual(good);
    expect(await mended()).toMatchObject(FRESH);
  });
});

describe('the log, damaged in the pages of a table,', () => {
  test.each(['run', 'attempt', 'artifact'])('%s, is said to be, and is no bug of mlloop', async (table) => {
    whole();
    const [page] = project.rows<{ at: number; size: number }>(
      `SELECT (rootpage - 1) * page_size AS at, page_size AS size FROM sqlite_master, pragma_page_size WHERE name = '${table}'`,
    );
    const { at = 0, size = 0 } = page ?? {};
    const bytes = readFileSync(project.path('runs.db'));
    writeFileSync(project.path('runs.db'), bytes.fill(255, at, at + size));
    for (const verb of ['runs', 'gc']) {
      const { status, stderr } = await project.mlloop([verb]);
      expect({ status, stderr }, verb).toEqual({
        status: 2,
        stderr: `runs.db is damaged: database disk image is malformed.
Put it back from a copy, or take it out of the way together with artifacts/ to begin anew. npm run mlloop -- doctor looks at the rest.
`,
      });
    }
    const { status, stdout } = await project.mlloop(['doctor', '--quick']);
    expect(status, stdout).toBe(1);
    expect(stdout).toMatch(/bad +integrity +/);
  });
});

describe('the log', () => {
  test('of a runner that was killed, without its write-ahead log, is whole; what it had not kept is made again', async () => {
    whole();
    project.write('input.txt', 'other\n');
    const killed = await project.mlloop(['run'], { MLLOOP_FAULT: 'KILL@run.ended' });
    expect(killed.signal).toBe('SIGKILL');
    expect(existsSync(project.path('runs.db-wal'))).toBe(true);
    rmSync(project.path('runs.db-wal'));
    project.write('input.txt', made.read('input.txt'));
    expect(await mended()).toMatchObject(FRESH);
  });

  test('of a first run that was killed, without its write-ahead log, begins anew', async () => {
    project = fiveStageProject();
    await project.mlloop(['run'], { MLLOOP_FAULT: 'KILL@run.ended' });
    rmSync(project.path('runs.db-wal'));
    expect(await mended()).toMatchObject({ make: 'ran: first time', report: 'ran: first time' });
    expect(project.rows('SELECT id, status FROM run')).toEqual([{ id: 1, status: 'succeeded' }]);
  });
});
