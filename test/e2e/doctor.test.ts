import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgeLogSize } from '../../lib/cli/doctor/log-size.ts';
import { checkNode, judgeDisk } from '../../lib/cli/doctor/machine-checks.ts';
import type { Check } from '../../lib/domain/check.ts';
import { MIGRATIONS } from '../../lib/runlog/open.ts';
import { HOME, type Project } from '../rig/project.ts';
import { shippingProject } from '../rig/small-projects.ts';

let project: Project;

beforeAll(async () => {
  project = shippingProject();
  await project.mlloop(['run']);
});
afterAll(() => project.dispose());

const examine = async (...args: string[]): Promise<{ status: number | null; checks: Record<string, Check> }> => {
  const { status, stdout } = await project.mlloop(['doctor', '--json', ...args]);
  const { checks, isWell } = JSON.parse(stdout) as { isWell: boolean; checks: Check[] };
  expect(isWell).toBe(status === 0);
  return { status, checks: Object.fromEntries(checks.map((check) => [check.name, check])) };
};

/** Every file with its size and time. */
const everything = (): string[] =>
  readdirSync(project.root, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { size, mtimeMs, mode } = lstatSync(project.path(name));
      return `${name} ${size} ${mtimeMs} ${mode}`;
    });

const objectOf = (name: string): string => {
  const [row] = project.rows<{ hash: string }>(
    `SELECT hash FROM attempt_artifact WHERE name = '${name}' AND role = 'out'`,
  );
  return project.path('artifacts/objects', row?.hash.slice(0, 2) ?? '', row?.hash ?? '');
};

/** Changes the log behind the program's back. */
const change = (sql: string): void => {
  const database = new Database(project.path('runs.db'));
  database.pragma('foreign_keys = OFF');
  database.exec(sql);
  database.close();
};

test('a folder where all is well is said to be, line by line, and left exactly as it is', async () => {
  const before = everything();
  const { status, stdout, stderr } = await project.mlloop(['doctor']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(everything()).toEqual(before);
  const named = stdout.split('\n').map((line) => line.replace(/ {2,}/g, '  '));
  expect(named).toContain('ok  pipeline.yaml  valid: 2 stages');
  expect(named).toContain(`ok  schema  version ${MIGRATIONS.length}`);
  expect(named).toContain('ok  integrity  SQLite finds nothing wrong in runs.db');
  expect(stdout).toMatch(/ok {4}log +\d+ kB, (none|[\d.]+ kB) of it free/);
  expect(named).toContain('ok  alias  toy/champion is v1, whole');
  expect(named).toContain('ok  leftovers  none');
  expect(stdout).toMatch(/ok {4}objects +4 objects, .*, each of its hash\n/);
  expect(stdout).toMatch(/Nothing is bad(; \d worth knowing)?\.\n$/);
});

test('it tells what a log has to give back, and only advises where that is much', () => {
  const log = { file: 'runs.db', walBytes: 0 };
  expect(judgeLogSize({ ...log, bytes: 3e8, freeBytes: 1e8, walBytes: 4e6 })).toEqual({
    name: 'log',
    status: 'ok',
    text: '300 MB, 100 MB of it free for what comes; 4.0 MB in runs.db-wal',
  });
  expect(judgeLogSize({ ...log, bytes: 2e6, freeBytes: 1.9e6 }).status).toBe('ok');
  expect(judgeLogSize({ ...log, bytes: 3e9, freeBytes: 2e9 })).toEqual({
    name: 'log',
    status: 'warn',
    text: '3.0 GB, 2.0 GB of it free for what comes',
    next: 'sqlite3 runs.db VACUUM gives it back to the disk, and needs as much as is left meanwhile. Nobody can write to the log in that time.',
  });
});

describe('it finds', () => {
  test('an object whose bytes changed, but only where it reads them', async () => {
    const object = objectOf('release');
    chmodSync(object, 0o644);
    writeFileSync(object, 'other');
    const { status, checks } = await examine();
    expect(status).toBe(1);
    expect(checks['objects']?.text).toMatch(/^1 of 4 objects, .*: ship\.release \([0-9a-f]{12}\) is damaged$/);
    expect((await examine('--quick')).status).toBe(0);
    rmSync(object);
    const { checks: quick } = await examine('--quick');
    expect(quick['objects']?.text).toMatch(/ship\.release \([0-9a-f]{12}\) is missing$/);
    expect(quick['objects']?.next).toContain('npm run pipeline');
    // What it advises helps.
    expect((await project.mlloop(['run'])).status).toBe(0);
    expect((await examine()).status).toBe(0);
  });

  test('a model behind an alias that is not whole', async () => {
    const weights = project.path('artifacts/models/toy/v1/weights.bin');
    chmodSync(weights, 0o644);
    writeFileSync(weights, 'other');
    writeFileSync(project.path('artifacts/models/toy/v1/more.txt'), '');
    const { status, checks } = await examine();
    expect(status).toBe(1);
    expect(checks['alias']?.text).toBe(
      'toy/champion is v1, but artifacts/models/toy/v1 is not whole: weights.bin has other bytes, more.txt does not belong to it',
    );
    rmSync(project.path('artifacts/models/toy/v1'), { recursive: true });
    expect((await examine()).checks['alias']?.text).toBe(
      'toy/champion is v1, but artifacts/models/toy/v1 is not whole: it is gone',
    );
    // What it advises helps, also where nothing has to run.
    expect((await project.mlloop(['run'])).stderr).toMatch(/ship +fresh/);
    expect((await examine()).checks['alias']?.text).toBe('toy/champion is v1, whole');
    rmSync(project.path('artifacts/models/toy/champion'));
    expect((await examine()).checks['alias']).toMatchObject({ status: 'warn', next: 'The next run mends it.' });
    await project.mlloop(['run']);
  });

  test('what a run that died left behind', async () => {
    change("UPDATE run SET status = 'running', pid = 99999999 WHERE id = 1");
    mkdirSync(project.path('artifacts/tmp/1-make'), { recursive: true });
    const { status, checks } = await examine();
    expect(status).toBe(0);
    expect(checks['leftovers']).toMatchObject({
      status: 'warn',
      text: 'run 1 died without an end, 1 half-made file or folder',
    });
    await project.mlloop(['run']);
    expect((await examine()).checks['leftovers']?.text).toBe('none');
  });

  test('rows that speak of rows that are not there', async () => {
    change('CREATE TABLE kept AS SELECT * FROM run WHERE id = 2; DELETE FROM run WHERE id = 2');
    const { status, checks } = await examine();
    expect(status).toBe(1);
    expect(checks['integrity']?.text).toContain('rows of attempt speak of rows of run that are not there');
    change('INSERT INTO run SELECT * FROM kept; DROP TABLE kept');
  });

  test('a schema it does not know, and a pipeline.yaml that is not valid', async () => {
    change('PRAGMA user_version = 99');
    const newer = await examine();
    expect(newer.status).toBe(1);
    expect(newer.checks['schema']?.text).toBe(`version 99; this program knows up to ${MIGRATIONS.length}`);
    change(`PRAGMA user_version = ${MIGRATIONS.length}`);
    const text = project.read('pipeline.yaml');
    project.write('pipeline.yaml', text.replace('make.model', 'make.modle'));
    expect((await examine()).checks['pipeline.yaml']).toEqual({
      name: 'pipeline.yaml',
      status: 'bad',
      text: "pipeline.yaml:11:20 ship.deps.model reads 'make.modle', which no stage makes. Did you mean 'make.model'?",
      next: 'npm run mlloop -- check shows where.',
    });
    project.write('pipeline.yaml', text);
  });

  test('a database without its artifacts, and artifacts without their database', async () => {
    rmSync(project.path('artifacts'), { recursive: true });
    const without = await examine();
    expect(without.checks['objects']?.text).toMatch(
      /^none of 4 objects, .* is there: runs\.db was brought here without/,
    );
    mkdirSync(dirname(project.path('artifacts/objects/aa')), { recursive: true });
    writeFileSync(project.path('artifacts/objects/aa'), '');
    rmSync(project.path('runs.db'));
    expect((await examine()).checks['runs.db']).toMatchObject({
      status: 'bad',
      next: expect.stringContaining('Bring'),
    });
  });
});

test.each([
  ['20.19.0', 'ok'],
  ['20.18.9', 'bad'],
  ['18.99.0', 'bad'],
  ['22.0.0', 'ok'],
])('Node %s is %s', (version, status) => {
  expect(checkNode(HOME, version).status).toBe(status);
});

test.each([
  [50e9, 1e9, 'ok', '50.0 GB free; artifacts/ holds 1.0 GB'],
  [5e9, 6e9, 'warn', '5.0 GB free; artifacts/ holds 6.0 GB'],
  [9e8, 1e3, 'warn', '900 MB free; artifacts/ holds 1.0 kB'],
  [9e7, 1e3, 'bad', '90.0 MB free; artifacts/ holds 1.0 kB'],
])('%d bytes free where %d are held is %s', (free, held, status, text) => {
  expect(judgeDisk(free, held)).toMatchObject({ status, text });
});
