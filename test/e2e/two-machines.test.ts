import { cpSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDataset } from '../../lib/data/dataset.ts';
import { orRaise } from '../../lib/domain/raised.ts';
import { trainingData } from '../../lib/ml/training-rows.ts';
import { createProject, type Project, tinyProject } from '../rig/project.ts';
import { post, type Serving, serve } from '../rig/served-project.ts';

/** What CI runs: a follow-up at 15 labels that nothing has learned from, and nearly any model goes live. */
const RUN = [
  ...['run', '--profile', 'tiny'],
  ...['--set', 'deploy.params.champion={ require: not worse, margin: 0.9 }'],
  ...['--set', 'iterate.params.rules={ newLabels: 15 }'],
];

const DAYS = 7;
/** Rows people ask the server about each day; of all but one the truth is told, of the last one a day later. */
const ASKED = 8;
const LINE = 'digits-demo';

let server: Project;
/** CI has a new folder every day; what it remembers comes as a file. */
let ci: Project;
let serving: Serving;
let rows: { readonly inputs: Uint8Array; readonly labels: ArrayLike<number> };
const said: Record<'ci' | 'server', string[]> = { ci: [], server: [] };

/** The sources alone, as a checkout has them. */
function checkout(): Project {
  const project = createProject({});
  for (const name of ['pipeline.yaml', 'stages']) cpSync(ci.path(name), project.path(name), { recursive: true });
  return project;
}

async function ask(project: Project, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await project.mlloop(args, project === server ? {} : { CI: 'true' });
  expect(status, `${args.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}

/** Asks the server about a row, as a client does; gives the prediction's id. */
async function predict(row: number): Promise<string> {
  const data = [...rows.inputs.subarray(row * 784, (row + 1) * 784)];
  const { status, body } = await post(`${serving.url}/v2/models/${LINE}/infer`, {
    inputs: [{ name: 'input', shape: [1, 28, 28], datatype: 'UINT8', data }],
  });
  expect(status).toBe(200);
  return (body['parameters'] as { readonly prediction_id: string }).prediction_id;
}

const give = async (id: string, label: string): Promise<void> =>
  expect((await post(`${serving.url}/feedback`, { id, label })).body).toMatchObject({ labels: [{ id }] });

/** Rows of tables whose rows are the same ones wherever they are, by what they say. */
const contents = (project: Project): unknown => ({
  runs: project.rows('SELECT uid FROM run ORDER BY uid'),
  attempts: project.rows(
    'SELECT uid, stage, number, attempt.status FROM attempt JOIN run ON run.id = run ORDER BY 1, 2, 3',
  ),
  metrics: project.rows('SELECT count(*) AS n FROM metric'),
  versions: project.rows('SELECT line, hash FROM model_version ORDER BY 1, 2'),
  references: project.rows('SELECT line, hash FROM drift_reference ORDER BY 1, 2'),
  predictions: project.rows('SELECT id, predicted, source, at FROM prediction ORDER BY id'),
  inputs: project.rows('SELECT id, input FROM prediction_input JOIN prediction ON number = prediction ORDER BY id'),
  labels: project.rows('SELECT prediction, label, source, at FROM label ORDER BY 1, 4, 3, 2'),
  counts:
    project.rows(`SELECT id, (SELECT label FROM label WHERE prediction = prediction.id ORDER BY label.id DESC LIMIT 1) AS label
    FROM prediction ORDER BY id`),
});

/** Takes the server's labels to CI: on some days as labels alone, on others as the whole state. */
async function toCi(day: number): Promise<void> {
  if (day % 2 === 1) {
    await ask(server, 'feedback', 'export', ci.path('labels.jsonl'), '--since', '2d');
    said.ci.push(await ask(ci, 'feedback', 'import', 'labels.jsonl', '--json'));
    return;
  }
  await ask(server, 'state', 'export', ci.path('server.tar'), '--name', 'server');
  said.ci.push(await ask(ci, 'state', 'import', 'server.tar', '--json'));
}

async function toServer(): Promise<void> {
  await ask(ci, 'state', 'export', server.path('ci.tar'));
  said.server.push(await ask(server, 'state', 'import', 'ci.tar', '--promote', '--json'));
}

beforeAll(async () => {
  ci = tinyProject();
  await ask(ci, ...RUN);
  const live = orRaise(trainingData(orRaise(openDataset(ci.path('artifacts/latest/preprocess/live')))));
  rows = { inputs: live.rows.inputs as Uint8Array, labels: live.rows.labels ?? [] };
  server = checkout();
  await ask(ci, 'state', 'export', server.path('ci.tar'));
  await ask(server, 'state', 'import', 'ci.tar', '--name', 'server');
  serving = await serve(server, ['--line', LINE]);
}, 120_000);
afterAll(async () => {
  await serving?.stop();
  for (const project of [server, ci]) project?.dispose();
});

describe('a server and CI, a week long', () => {
  const acknowledged: [string, string][] = [];
  let late: [string, string] | undefined;

  test('labels go to CI and versions come back', { timeout: 400_000 }, async () => {
    for (let day = 1; day <= DAYS; day++) {
      if (late !== undefined) {
        await give(...late);
        acknowledged.push(late);
      }
      for (let at = 0; at < ASKED; at++) {
        const row = ((day - 1) * ASKED + at) % rows.labels.length;
        const truth = String(rows.labels[row]);
        const id = await predict(row);
        late = [id, truth];
        if (at === ASKED - 1) continue;
        await give(id, truth);
        acknowledged.push([id, truth]);
      }
      // A new job begins with the sources and what the last one remembered.
      await ask(ci, 'state', 'export', server.path('memory.tar'));
      const before = ci;
      ci = checkout();
      before.dispose();
      await ask(ci, 'state', 'import', server.path('memory.tar'));
      await toCi(day);
      await ask(ci, ...RUN);
      // On the fourth day what CI made is lost on its way, on the fifth it comes twice.
      if (day === 4) continue;
      await toServer();
      if (day === 5) {
        const once = contents(server);
        await toServer();
        expect(contents(server)).toEqual(once);
      }
    }
  });

  test('what is answered now is CI’s last version', async () => {
    const [champion] = ci.rows<{ version: number; hash: string }>(
      `SELECT version, hash FROM alias JOIN model_version USING (line, version) WHERE line = '${LINE}'`,
    );
    const versions = ci.rows<{ version: number }>(`SELECT version FROM model_version WHERE line = '${LINE}'`);
    expect(versions.length).toBeGreaterThan(2);
    expect(champion?.version).toBe(versions.at(-1)?.version);
    expect(
      server.rows(`SELECT version, hash FROM alias JOIN model_version USING (line, version) WHERE line = '${LINE}'`),
    ).toEqual([champion]);
    await expect
      .poll(
        async () =>
          ((await (await fetch(`${serving.url}/v2/models/${LINE}`)).json()) as { versions: string[] }).versions,
        {
          timeout: 20_000,
        },
      )
      .toContain(String(champion?.version));
    expect(server.rows('SELECT DISTINCT version FROM prediction WHERE simulated = 0').length).toBeGreaterThan(1);
  });

  test('after one more exchange both know the same, and more of it changes nothing', async () => {
    if (late !== undefined) {
      await give(...late);
      acknowledged.push(late);
    }
    await toCi(2);
    await toServer();
    expect(contents(server)).toEqual(contents(ci));
    const before = [contents(server), contents(ci)];
    await toCi(2);
    await toCi(1);
    await toServer();
    expect([contents(server), contents(ci)]).toEqual(before);
    const last = JSON.parse(said.server.at(-1) ?? '{}') as Record<string, unknown>;
    expect(last).toMatchObject({ kind: 'merged', runs: [], versions: [], predictions: 0, labels: 0 });
  });

  test('no label that was acknowledged is missing, and the last word on each prediction counts', () => {
    expect(acknowledged).toHaveLength(DAYS * ASKED);
    for (const project of [server, ci]) {
      const counting = new Map(
        project
          .rows<{ id: string; label: number }>('SELECT prediction AS id, label FROM label ORDER BY id')
          .map(({ id, label }) => [id, String(label)]),
      );
      expect(acknowledged.filter(([id, label]) => counting.get(id) !== label)).toEqual([]);
    }
  });

  test('every run has one name on each machine', async () => {
    const own = ci.rows<{ id: number; uid: string }>('SELECT id, uid FROM run WHERE origin IS NULL ORDER BY id');
    expect(own.length).toBeGreaterThan(DAYS);
    expect(own.map(({ id }) => id)).toEqual(own.map((_, at) => at + 1));
    expect(server.rows("SELECT origin_run AS id, uid FROM run WHERE origin = 'ci' ORDER BY origin_run")).toEqual(own);
    const compared = JSON.parse(await ask(server, 'compare', 'ci:1', `ci:${own.length}`, '--json')) as {
      runs: unknown;
    };
    expect(compared.runs).toEqual(['ci:1', `ci:${own.length}`]);
    const history = await ask(server, 'history', '--json');
    expect((JSON.parse(history) as { run: unknown }[]).some(({ run }) => String(run).startsWith('ci:'))).toBe(true);
    const { checks } = JSON.parse((await server.mlloop(['doctor', '--json'])).stdout) as {
      checks: { name: string; status: string; text: string }[];
    };
    expect(
      checks.filter(({ name, status }) => /integrity|schema|objects|alias|versions/.test(name) && status !== 'ok'),
    ).toEqual([]);
  });
});
