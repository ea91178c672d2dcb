import { afterEach, describe, expect, test } from 'vitest';
import { createProject, type Project } from '../rig/project.ts';
import { shippingProject } from '../rig/small-projects.ts';
import { told } from '../rig/told.ts';

const projects: Project[] = [];
afterEach(() => {
  for (const project of projects.splice(0)) project.dispose();
});

const FILES = ['pipeline.yaml', 'stages/make.ts', 'stages/ship.ts', 'data/notes.txt'];

function machine(): Project {
  const made = shippingProject();
  projects.push(made);
  return made;
}

/** Sends a machine's state to another one, and gives what is said there. */
async function send(
  from: Project,
  to: Project,
  options: { name: string; as: string; more?: string[] },
): Promise<string> {
  const exported = await from.mlloop(['state', 'export', to.path('came.tar'), '--name', options.name]);
  expect(exported.stderr).toBe('');
  const { status, stdout, stderr } = await to.mlloop([
    ...['state', 'import', 'came.tar', '--name', options.as],
    ...(options.more ?? []),
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.replace(/of [\d-]+ [\d:]+ UTC/, 'of <when>');
}

/** Every row a log has, by table; of what a merge leaves as it is. */
const rowsOf = (project: Project, table: string): unknown[] => project.rows(`SELECT * FROM ${table}`);

const TABLES = ['run', 'attempt', 'param', 'attempt_artifact', 'model_version', 'deployment', 'alias', 'label'];

describe('two logs that met', () => {
  test('know the runs of both by name, and nothing comes twice', async () => {
    const [server, ci] = [machine(), machine()];
    await server.mlloop(['run']);
    await ci.mlloop(['run', '--set', 'make.params.word=howdy']);
    await ci.mlloop(['run', '--profile', 'loud']);
    expect(
      await send(ci, server, { name: 'ci', as: 'server' }),
    ).toBe(`The state of toy on 'ci', of <when>, was merged into 'server': 2 new runs (ci:1, ci:2), 2 versions, 0 predictions, 0 labels.
toy v1 of ci is toy v3 here.
toy/champion is v2 on ci and stays v1 here. Follow with: npx mlloop promote v2 --line toy
`);
    const before = TABLES.map((table) => rowsOf(server, table));
    expect(await send(ci, server, { name: 'ci', as: 'server' })).toBe(
      `The state of toy on 'ci', of <when>, was merged into 'server': nothing in it was new.
toy/champion is v2 on ci and stays v1 here. Follow with: npx mlloop promote v2 --line toy
`,
    );
    expect(TABLES.map((table) => rowsOf(server, table))).toEqual(before);
    const compared = await server.mlloop(['compare', '1', 'ci:2']);
    expect(compared.status).toBe(0);
    expect(compared.stdout).toContain('run ci:2');
    expect(compared.stdout).toMatch(/word .*hello.*HELLO/);
    const runs = JSON.parse((await server.mlloop(['runs', '--json'])).stdout) as {
      run: number | string;
      uid: string;
    }[];
    expect(runs.map(({ run }) => run).sort()).toEqual([1, 'ci:1', 'ci:2']);
    const uid = runs.find(({ run }) => run === 'ci:2')?.uid ?? '';
    expect((await server.mlloop(['show', uid.slice(0, 13)])).stdout).toContain(`ci:2 (${uid})`);
    // What is here goes on as if nothing had come.
    const again = await server.mlloop(['run']);
    expect(told(again.stderr).split('\n\n')[0]).toBe(
      'Run 2 of toy\nmake  fresh  nothing changed\nship  fresh  nothing changed',
    );
    expect(server.read('artifacts/models/toy/v2/model.json')).toBe('"HELLO"');
    const promoted = await server.mlloop(['promote', 'v2']);
    expect(promoted.status).toBe(0);
    expect(server.read('artifacts/models/toy/champion/model.json')).toBe('"HELLO"');
    const doctor = await server.mlloop(['doctor', '--json']);
    const { checks } = JSON.parse(doctor.stdout) as { checks: { name: string; status: string; text: string }[] };
    expect(
      checks.filter(({ name, status }) => /integrity|objects|alias|versions/.test(name) && status !== 'ok'),
    ).toEqual([]);
  });

  test('meet again: what goes home is known there', async () => {
    const [server, ci] = [machine(), machine()];
    await server.mlloop(['run']);
    await ci.mlloop(['run', '--profile', 'loud']);
    await send(ci, server, { name: 'ci', as: 'server', more: ['--promote'] });
    expect(server.read('artifacts/models/toy/champion/model.json')).toBe('"HELLO"');
    const said = await send(server, ci, { name: 'server', as: 'ci' });
    expect(said).toContain("was merged into 'ci': 1 new run (server:1), 1 version, 0 predictions, 0 labels.");
    expect(ci.rows('SELECT id, origin, origin_run FROM run WHERE id > 0')).toEqual([
      { id: 1, origin: null, origin_run: null },
    ]);
    expect(await send(ci, server, { name: 'ci', as: 'server' })).toContain('nothing in it was new');
  });

  test('are one log where the one is the other at a later time', async () => {
    const [first, later] = [machine(), machine()];
    await first.mlloop(['run']);
    await send(first, later, { name: 'ci', as: 'ci' });
    await later.mlloop(['run', '--profile', 'loud']);
    expect(
      await send(later, first, { name: 'ci', as: 'ci' }),
    ).toBe(`The state of toy on 'ci', of <when>, was merged into 'ci': 1 new run (2), 1 version, 0 predictions, 0 labels.
It is this log at a later time, and its runs keep their numbers.
toy/champion is v2 on ci, and now here; it was v1.
`);
    expect(first.rows('SELECT id, origin FROM run')).toEqual([
      { id: 1, origin: null },
      { id: 2, origin: null },
    ]);
    const history = await first.mlloop(['rollback']);
    expect(history.status).toBe(0);
    expect(first.read('artifacts/models/toy/champion/model.json')).toBe('"hello"');
    // An older one that comes late changes nothing.
    expect(await send(later, first, { name: 'ci', as: 'ci' })).toContain('nothing in it was new');
    expect(first.read('artifacts/models/toy/champion/model.json')).toBe('"hello"');
  });

  test('go on under the name of the machine, where a state of another one is all there is', async () => {
    const [server, ci] = [machine(), createProject({})];
    projects.push(ci);
    for (const file of FILES) ci.write(file, server.read(file));
    await server.mlloop(['run']);
    expect(
      await send(server, ci, { name: 'server', as: 'ci' }),
    ).toBe(`The state of toy on 'server', of <when>, was merged into 'ci': 1 new run (server:1), 1 version, 0 predictions, 0 labels.
toy/champion is v1 on server, and now here.
`);
    const run = await ci.mlloop(['run']);
    expect(told(run.stderr).split('\n\n')[0]).toBe(
      'Run 1 of toy\nmake  fresh  nothing changed\nship  fresh  nothing changed',
    );
    const said = async (args: readonly string[]): Promise<string> => {
      const { status, stdout, stderr } = await ci.mlloop(args);
      expect([status, stdout]).toEqual([2, '']);
      return stderr;
    };
    const log = `make was executed on 'server', in run server:1, and what it printed has stayed there: logs do not travel with a state.
On 'server': npm run mlloop -- logs make --run 1. Here npm run show -- server:1 tells what is on record of the run.
`;
    expect(await said(['logs', 'make'])).toBe(log);
    expect(await said(['logs', 'make', '--run', 'server:1'])).toBe(log);
    expect(await said(['logs', 'make', '--run', '9'])).toBe(
      'There is no run 9 in the log.\nThe last run is 1; npm run runs lists them.\n',
    );
    expect(
      await said(['restore', 'server:1', '--into', 'there']),
    ).toBe(`Run server:1 was made on 'server': what its stages stood for then did not come with its state, so it cannot be laid out here.
On 'server': npm run mlloop -- restore 1 --into DIR. Here npm run show -- server:1 tells what is on record of it.
`);
    expect(
      await said(['restore', 'v1', '--into', 'there']),
    ).toBe(`Run server:1, which made toy v1, was made on 'server': what its stages stood for then did not come with its state, so it cannot be laid out here.
On 'server': npm run mlloop -- restore 1 --into DIR. Here npx mlloop models export v1 DIR --line toy takes the model itself.
`);
  });

  test('that were one and have parted keep the runs of both', async () => {
    const [one, other] = [machine(), machine()];
    await one.mlloop(['run']);
    await send(one, other, { name: 'ci', as: 'ci' });
    await one.mlloop(['run', '--profile', 'loud']);
    await other.mlloop(['run', '--set', 'make.params.word=howdy']);
    expect(await send(other, one, { name: 'ci', as: 'ci' })).toContain('1 new run (ci:2), 1 version');
    const both = await one.mlloop(['show', 'ci:2']);
    expect(both.status).toBe(2);
    expect(both.stderr).toMatch(/^2 runs may be meant by ci:2: [0-9a-f-]{36}, [0-9a-f-]{36}\.\n/);
    expect((await one.mlloop(['show', '2'])).status).toBe(0);
  });
});
