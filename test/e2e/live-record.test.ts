import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { orRaise } from '../../lib/domain/raised.ts';
import { integrityFaults } from '../../lib/runlog/inspect.ts';
import { openRunLog } from '../../lib/runlog/open.ts';
import type { Project } from '../rig/project.ts';
import { inferBody, rawRows } from '../rig/serve.ts';
import { post, type Serving, serve, servedProject } from '../rig/served-project.ts';

let project: Project;
let server: Serving;
afterEach(() => {
  server.child.kill('SIGKILL');
  project.dispose();
});

const ask = async (seed: number): Promise<string> => {
  const { status, body } = await post(`${server.url}/v2/models/toy/infer`, inferBody(rawRows(1, seed), 1));
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return (body['parameters'] as { readonly prediction_id: string }).prediction_id;
};
const give = (id: string, label: string) => post(`${server.url}/feedback`, { id, label });

describe('killed under load', () => {
  const CLIENTS = 16;
  const ROUNDS = 3;
  /** So many labels are acknowledged before each kill. */
  const ACKNOWLEDGED = 400;
  const LABELS = ['a', 'b', 'c'];

  test(`${ROUNDS} times, it has lost no label it acknowledged, and goes on`, async () => {
    project = await servedProject();
    const acknowledged = new Map<string, string>();
    for (let round = 1; round <= ROUNDS; round++) {
      server = await serve(project);
      const enough = gate();
      const allSent = gate();
      const giving = new Set<number>();
      let isLocked = false;
      let isKilled = false;
      const client = async (number: number): Promise<void> => {
        for (let at = 0; ; at++) {
          const id = await ask(number * 1e6 + at);
          const label = LABELS[at % LABELS.length] as string;
          giving.add(number);
          if (isLocked && giving.size === CLIENTS) allSent.open();
          const { status } = await give(id, label);
          giving.delete(number);
          if (status === 200) acknowledged.set(id, label);
          if (acknowledged.size >= round * ACKNOWLEDGED) enough.open();
        }
      };
      const clients = Array.from({ length: CLIENTS }, (_, number) =>
        client(number).catch((error: unknown) => {
          // Only the kill may end one.
          if (!isKilled) throw error;
        }),
      );
      await enough.opened;
      // From here on nothing can be written: what is acknowledged now was acknowledged too early.
      const other = project.open();
      other.exec('BEGIN IMMEDIATE');
      isLocked = true;
      if (giving.size === CLIENTS) allSent.open();
      await allSent.opened;
      for (let at = 0; at < 3; at++) await ask(at);
      isKilled = true;
      server.child.kill('SIGKILL');
      await Promise.all(clients);
      expect((await server.ended).signal).toBe('SIGKILL');
      other.close();
    }
    const log = orRaise(openRunLog(project.path('runs.db')));
    expect(integrityFaults(log)).toEqual([]);
    const kept = log
      .prepare('SELECT prediction.id, label.label FROM prediction JOIN label ON label.prediction = prediction.id')
      .all() as { readonly id: string; readonly label: number }[];
    const labels = new Map(kept.map(({ id, label }) => [id, LABELS[label]]));
    expect([...acknowledged].filter(([id, label]) => labels.get(id) !== label)).toEqual([]);
    expect(acknowledged.size).toBeGreaterThanOrEqual(ROUNDS * ACKNOWLEDGED);
    log.close();
  });
});

/** Something to wait for. */
function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('while the log is locked by somebody else', () => {
  test('answers go on, a label is not acknowledged, and all is written afterwards', async () => {
    project = await servedProject();
    server = await serve(project);
    await give(await ask(0), 'a');
    const other = project.open();
    other.exec('BEGIN IMMEDIATE');
    const ids = await Promise.all(Array.from({ length: 20 }, (_, at) => ask(at + 1)));
    const refused = await give(ids[0] ?? '', 'b');
    expect(refused).toMatchObject({
      status: 503,
      body: { error: 'The labels are not on the disk: database is locked. Send them again.' },
    });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await post(`${server.url}/v2/models/toy/infer`, inferBody(rawRows(1), 1))).status).toBe(200);
    expect(other.prepare('SELECT count(*) FROM label').pluck().get()).toBe(1);
    other.exec('ROLLBACK');
    expect((await give(ids[0] ?? '', 'b')).status).toBe(200);
    await server.stop();
    expect(other.prepare('SELECT count(*) FROM prediction').pluck().get()).toBe(22);
    expect(other.prepare('SELECT count(*) FROM label').pluck().get()).toBe(2);
    other.close();
  });
});

describe('one answer that cannot be put on record', () => {
  test('is told and counted, and costs those that came with it nothing', async () => {
    project = await servedProject();
    const other = project.open();
    other.exec(`CREATE TRIGGER bad BEFORE INSERT ON prediction WHEN NEW.id LIKE '%.3'
      BEGIN SELECT RAISE(ABORT, 'a bad row'); END`);
    server = await serve(project);
    const { body } = await post(`${server.url}/v2/models/toy/infer`, inferBody(rawRows(8), 8));
    const id = (body['parameters'] as { readonly prediction_id: string }).prediction_id;
    expect((await give(`${id}.7`, 'a')).body).toEqual({ labels: [{ id: `${id}.7`, outcome: 'recorded' }] });
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('mlloop_predictions_lost_total 1\n');
    expect(metrics).toContain('mlloop_predictions_recorded_total 7\n');
    const { stdout } = await server.stop();
    const lost = stdout.split('\n').find((line) => line.includes('record-lost')) ?? '{}';
    expect(JSON.parse(lost)).toMatchObject({ rows: 1, problem: 'a bad row', ids: [`${id}.3`], lost: 1 });
    const ids = [0, 1, 2, 4, 5, 6, 7].map((row) => `${id}.${row}`);
    expect(other.prepare('SELECT id FROM prediction ORDER BY number').pluck().all()).toEqual(ids);
    expect(other.prepare('SELECT prediction FROM label').pluck().all()).toEqual([`${id}.7`]);
    other.close();
  });
});

describe('when runs.db is taken away under it', () => {
  test('a label is not acknowledged into nowhere; a log that is put back is written again', async () => {
    project = await servedProject();
    server = await serve(project);
    const id = await ask(1);
    await give(id, 'a');
    for (const file of ['runs.db', 'runs.db-wal', 'runs.db-shm']) {
      if (existsSync(project.path(file))) renameSync(project.path(file), project.path(`away-${file}`));
    }
    expect(await give(id, 'b')).toMatchObject({
      status: 503,
      body: {
        error: expect.stringMatching(/^The labels are not on the disk: .*runs\.db is not there\. Send them again\.$/),
      },
    });
    for (const file of ['runs.db', 'runs.db-wal', 'runs.db-shm']) {
      if (existsSync(project.path(`away-${file}`))) renameSync(project.path(`away-${file}`), project.path(file));
    }
    expect((await give(id, 'c')).body).toEqual({ labels: [{ id, outcome: 'changed' }] });
    await server.stop();
    expect(project.rows('SELECT label FROM label ORDER BY id')).toEqual([{ label: 0 }, { label: 2 }]);
  });
});

describe('on a disk that is full', () => {
  test('answers go on and what waits is kept; a label is refused until there is room', async ({ skip }) => {
    project = await servedProject();
    const state = project.path('state');
    mkdirSync(state);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', state]).status !== 0) {
      skip('nothing can be mounted here');
    }
    try {
      for (const name of ['runs.db', 'artifacts']) spawnSync('cp', ['-a', project.path(name), state]);
      server = await serve(project, ['--state', 'state']);
      const first = await ask(1);
      expect((await give(first, 'a')).status).toBe(200);
      const { bavail, bsize } = statfsSync(state);
      writeFileSync(`${state}/ballast`, Buffer.alloc(bavail * bsize));
      const ids: string[] = [];
      for (let at = 0; at < 300; at++) ids.push(await ask(at + 2));
      const refused = await give(ids.at(-1) ?? '', 'b');
      expect(refused).toMatchObject({ status: 503, body: { error: expect.stringContaining('full') } });
      rmSync(`${state}/ballast`);
      expect((await give(ids.at(-1) ?? '', 'b')).status).toBe(200);
      const { stdout, status } = await server.stop();
      expect(status).toBe(0);
      expect(stdout).toContain('predictions cannot be put on record at the moment; answers go on');
      const log = new Database(`${state}/runs.db`, { readonly: true });
      expect(log.prepare('SELECT count(*) FROM prediction').pluck().get()).toBe(301);
      expect(log.prepare('SELECT prediction, label FROM label ORDER BY id').raw().all()).toEqual([
        [first, 0],
        [ids.at(-1), 1],
      ]);
      log.close();
    } finally {
      server.child.kill('SIGKILL');
      await server.ended;
      spawnSync('umount', [state]);
    }
  });
});
