import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MIGRATIONS } from '../../lib/runlog/open.ts';
import { createProject, type Project } from '../rig/project.ts';
import { shippingProject } from '../rig/small-projects.ts';
import { told } from '../rig/told.ts';

/** A project that has deployed a version, and its state beside it. */
let made: Project;
const others: Project[] = [];

const FILES = ['pipeline.yaml', 'stages/make.ts', 'stages/ship.ts', 'data/notes.txt'];

/** The same sources on another machine, where nothing was ever run. */
function elsewhere(): Project {
  const other = createProject(Object.fromEntries(FILES.map((file) => [file, made.read(file)])));
  others.push(other);
  return other;
}

beforeAll(async () => {
  made = shippingProject();
  expect((await made.mlloop(['run'])).status).toBe(0);
  expect((await made.mlloop(['run', '--profile', 'loud'])).status).toBe(0);
});
afterAll(() => made.dispose());
afterEach(() => {
  for (const other of others.splice(0)) other.dispose();
});

describe.each(['state.tar', 'state.tar.gz', 'state'])('a state exported as %s', (name) => {
  beforeAll(async () => {
    const { status, stdout, stderr } = await made.mlloop(['state', 'export', name, '--name', 'server']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.replace(/[\d.]+ kB/, '<size>')).toMatch(
      new RegExp(
        `^${name} is the state of toy on 'server': runs up to 2, 2 model versions, 0 predictions, 0 labels; \\d+ files, <size>\\.\n$`,
      ),
    );
  });

  test('goes on elsewhere as if it had always been there', async () => {
    const other = elsewhere();
    cpSync(made.path(name), other.path(name), { recursive: true });
    const imported = await other.mlloop(['state', 'import', name]);
    expect(imported.stdout.replace(/of [\d-]+ [\d:]+ UTC/, 'of <when>')).toBe(
      "The state of toy on 'server', of <when>, goes on here: runs up to 2, 2 model versions, 0 predictions, 0 labels.\n",
    );
    expect(imported.status).toBe(0);
    const run = await other.mlloop(['run', '--profile', 'loud']);
    expect(told(run.stderr).split('\n\n')[0]).toBe(
      'Run 3 of toy (profile loud)\nmake  fresh  nothing changed\nship  fresh  nothing changed',
    );
    expect(other.read('artifacts/models/toy/champion/model.json')).toBe('"HELLO"');
    expect(other.read('artifacts/models/toy/v1/model.json')).toBe('"hello"');
    const doctor = await other.mlloop(['doctor', '--json']);
    const { checks } = JSON.parse(doctor.stdout) as { checks: { name: string; status: string; text: string }[] };
    const state = checks.filter(({ name: one }) =>
      ['schema', 'integrity', 'objects', 'alias', 'leftovers'].includes(one),
    );
    expect(state.filter(({ status }) => status !== 'ok')).toEqual([]);
    for (const table of ['run', 'param', 'attempt', 'attempt_artifact', 'deployment', 'model_version']) {
      const own = made.rows(`SELECT * FROM ${table}`);
      expect(other.rows(`SELECT * FROM ${table}`), table).toEqual(expect.arrayContaining(own));
    }
    expect(readdirSync(other.root).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });
});

test('an import that was killed is finished by the same command once more', async () => {
  const other = elsewhere();
  await made.mlloop(['state', 'export', other.path('s.tar'), '--name', 'server']);
  const killed = await other.mlloop(['state', 'import', 's.tar'], { MLLOOP_FAULT: 'KILL@version.before-rename' });
  expect(killed.signal).toBe('SIGKILL');
  expect((await other.mlloop(['state', 'import', 's.tar'])).status).toBe(0);
  for (const [version, word] of Object.entries({ v1: '"hello"', v2: '"HELLO"', champion: '"HELLO"' })) {
    expect(other.read(`artifacts/models/toy/${version}/model.json`)).toBe(word);
  }
});

describe('a state that is not what was exported', () => {
  /** Exports, changes the folder, and tries to import it somewhere. */
  async function refusal(change: (folder: string) => void, pipeline?: string): Promise<string> {
    const other = elsewhere();
    if (pipeline !== undefined) other.write('pipeline.yaml', other.read('pipeline.yaml').replace('toy', pipeline));
    expect((await made.mlloop(['state', 'export', other.path('s'), '--name', 'server'])).status).toBe(0);
    change(other.path('s'));
    const { status, stdout, stderr } = await other.mlloop(['state', 'import', 's']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(existsSync(other.path('runs.db'))).toBe(false);
    return stderr;
  }

  const manifest = (folder: string, change: (value: Record<string, unknown>) => void): void => {
    const file = join(folder, 'manifest.json');
    const value = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    change(value);
    writeFileSync(file, JSON.stringify(value));
  };

  test('by a file that was cut short', async () => {
    const said = await refusal((folder) => truncateSync(join(folder, 'runs.db'), 8192));
    expect(said.replace(/not \d+:?/, 'not <n>')).toBe(`s is not what was exported: runs.db has 8192 bytes, not <n>.
Nothing was imported. It was cut short or damaged on its way: copy it again, or take the one before it.
`);
  });

  test('by a newer schema', async () => {
    const said = await refusal((folder) =>
      manifest(folder, (value) => {
        value['schema'] = 99;
      }),
    );
    expect(said).toBe(`s has schema version 99; this program knows versions up to ${MIGRATIONS.length}.
Nothing was imported. Update mlloop here to the one that wrote it.
`);
  });

  test('by its pipeline', async () => {
    expect(await refusal(() => undefined, 'other')).toBe(`s is the state of the pipeline 'toy'; here is 'other'.
Nothing was imported. Import it beside the pipeline it belongs to, or name another place with --root and --state.
`);
  });

  test('by its run counter', async () => {
    const said = await refusal((folder) =>
      manifest(folder, (value) => {
        value['lastRun'] = { run: 7, uid: 'x' };
      }),
    );
    expect(said).toContain('s is not what was exported: its last run is 2, not 7.');
  });

  /** Changes the log of an exported state, and writes its sum anew. */
  function inLog(folder: string, sql: string): void {
    const file = join(folder, 'runs.db');
    const database = new Database(file);
    database.exec(sql);
    database.close();
    const sum = createHash('sha256').update(readFileSync(file)).digest('hex');
    manifest(folder, (value) => {
      Object.assign(value['files'] as object, { 'runs.db': { sha256: sum, sizeBytes: statSync(file).size } });
    });
  }

  test.each([
    [
      'artifacts/models/../../../stolen',
      "DROP TRIGGER model_version_is_immutable_update; UPDATE model_version SET folder = 'artifacts/models/../../../stolen'",
    ],
    ['../notes.txt', "UPDATE attempt SET log = '../notes.txt' WHERE id = 1"],
    ['artifacts/models/toy/../../x', "PRAGMA foreign_keys = OFF; INSERT INTO alias VALUES ('toy', '../../x', 1)"],
  ])('by a log that names a place outside of a state: %s', async (place, sql) => {
    const said = await refusal((folder) => inLog(folder, sql));
    expect(said).toContain(`s is not what was exported: runs.db names a place '${place}', which no state has.\n`);
  });

  test('by an archive that ends too early', async () => {
    const other = elsewhere();
    await made.mlloop(['state', 'export', other.path('s.tar')]);
    truncateSync(other.path('s.tar'), 20_000);
    const { status, stderr } = await other.mlloop(['state', 'import', 's.tar']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^s\.tar is not what was exported: it cannot be unpacked: /);
    expect(existsSync(other.path('runs.db'))).toBe(false);
  });

  test('because it is not there', async () => {
    const other = elsewhere();
    expect(await other.mlloop(['state', 'import', 'gone.tar'])).toEqual({
      status: 2,
      stdout: '',
      stderr: `gone.tar is no exported state: there is no such file or folder.
Nothing was imported. Export one where it comes from with: npx mlloop state export state.tar
`,
    });
  });
});
