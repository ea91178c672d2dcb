import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Project } from '../rig/project.ts';
import { inferBody, ROW, rawRows } from '../rig/serve.ts';
import { post, type Serving, serve, servedProject } from '../rig/served-project.ts';

const ask = async (url: string, seed: number): Promise<string> => {
  const { status, body } = await post(`${url}/v2/models/toy/infer`, inferBody(rawRows(1, seed), 1));
  expect(status).toBe(200);
  return (body['parameters'] as { readonly prediction_id: string }).prediction_id;
};

describe('feedback over HTTP', () => {
  let project: Project;
  let server: Serving;
  beforeAll(async () => {
    project = await servedProject();
    server = await serve(project);
  });
  afterAll(async () => {
    expect(await server.stop()).toMatchObject({ status: 0 });
    project.dispose();
  });
  const give = (body: unknown, headers = {}) => post(`${server.url}/feedback`, body, headers);

  test('is on record when it is acknowledged, beside what was asked and answered', async () => {
    const id = await ask(server.url, 5);
    expect(await give({ id, label: 'b' })).toMatchObject({
      status: 200,
      body: { labels: [{ id, outcome: 'recorded' }] },
    });
    expect(
      project.rows(`SELECT prediction.line, version, simulated, prediction.source, label.label, label.source AS given,
        prediction_input.input, length(probabilities) / 4 AS classes
        FROM prediction JOIN label ON label.prediction = prediction.id
        JOIN prediction_input ON prediction_input.prediction = number WHERE prediction.id = '${id}'`),
    ).toEqual([
      {
        line: 'toy',
        version: 1,
        simulated: 0,
        source: 'serve',
        label: 1,
        given: 'serve',
        input: Buffer.from(rawRows(1, 5)),
        classes: ROW.classes.length,
      },
    ]);
  });

  test('is kept each time, the last counting, and of an id that is not on record, too', async () => {
    const id = await ask(server.url, 6);
    const given = [
      { id, label: 'a' },
      { id, label: 'c' },
      { id, label: 'c' },
      { id: 'never-seen', label: 'anything' },
    ];
    const { status, body } = await give(given);
    expect(status).toBe(200);
    expect(body).toEqual({
      labels: [
        { id, outcome: 'recorded' },
        { id, outcome: 'changed' },
        { id, outcome: 'repeated' },
        { id: 'never-seen', outcome: 'unknown' },
      ],
    });
    expect(project.rows(`SELECT label FROM label WHERE prediction = '${id}' ORDER BY id`)).toEqual([
      { label: 0 },
      { label: 2 },
      { label: 2 },
    ]);
    expect(project.rows('SELECT prediction, label FROM unmatched_label')).toEqual([
      { prediction: 'never-seen', label: 'anything' },
    ]);
  });

  test('names the rows of a request one by one', async () => {
    const { body } = await post(`${server.url}/v2/models/toy/infer`, inferBody(rawRows(3, 9), 3));
    const { prediction_id: id } = body['parameters'] as { readonly prediction_id: string };
    expect((await give({ id: `${id}.2`, label: 'a' })).body).toEqual({
      labels: [{ id: `${id}.2`, outcome: 'recorded' }],
    });
    expect(project.rows(`SELECT id FROM prediction WHERE id LIKE '${id}%' ORDER BY id`)).toEqual(
      [0, 1, 2].map((row) => ({ id: `${id}.${row}` })),
    );
  });

  test('on what was forgotten is not kept', async () => {
    const id = await ask(server.url, 7);
    await give({ id, label: 'a' });
    expect((await project.mlloop(['forget', id])).stderr).toBe(
      'Forgot 1 prediction: 1 input, 1 answer and 1 label are gone from runs.db.\n',
    );
    expect((await give({ id, label: 'b' })).body).toEqual({ labels: [{ id, outcome: 'forgotten' }] });
  });

  test('is counted for Prometheus, by what it was', async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text.split('\n').filter((line) => /^mlloop_(labels|record_stuck|predictions_lost)/.test(line))).toEqual([
      'mlloop_predictions_lost_total 0',
      'mlloop_labels_joined_total 0',
      'mlloop_record_stuck 0',
      'mlloop_labels_total{outcome="recorded"} 4',
      'mlloop_labels_total{outcome="changed"} 1',
      'mlloop_labels_total{outcome="repeated"} 1',
      'mlloop_labels_total{outcome="unknown"} 1',
      'mlloop_labels_total{outcome="forgotten"} 1',
    ]);
  });

  test('with one wrong label keeps none, and says what is wrong', async () => {
    const id = await ask(server.url, 8);
    const before = project.rows('SELECT count(*) AS n FROM label');
    expect(await give({ id, label: 'seven' })).toMatchObject({
      status: 400,
      body: { error: "No label was kept: label 'seven' is no class; the classes are a, b, c." },
    });
    expect(
      await give([
        { id, label: 'a' },
        { id, label: 'seven' },
      ]),
    ).toMatchObject({
      status: 400,
      body: { error: "No label was kept: item 1: label 'seven' is no class; the classes are a, b, c." },
    });
    expect(project.rows('SELECT count(*) AS n FROM label')).toEqual(before);
  });

  test.each([
    ['{', 400, /^The body is not JSON: /],
    ['"x"', 400, 'The body has to be an object with id and label, or a list of such objects.'],
    ['[]', 400, 'The list of labels is empty.'],
    ['[{"id":"a","label":"b"},7]', 400, 'Item 1 has to be an object with id and label, or a list of such objects.'],
    ['{"id":"a"}', 400, 'The body: label has to be a string, the name of a class.'],
    ['{"id":"a","label":3}', 400, 'The body: label has to be a string, the name of a class.'],
    ['{"id":"","label":"b"}', 400, 'The body: id has to be a string, the prediction_id of an answer.'],
    ['{"id":"a","label":"b","source":"x"}', 400, "The body has a field 'source'; it may have id and label."],
    [`{"id":"${'x'.repeat(201)}","label":"b"}`, 400, 'The body: id is longer than 200 characters.'],
    [
      JSON.stringify(Array.from({ length: 10_001 }, () => ({ id: 'a', label: 'b' }))),
      413,
      'The list has 10001 labels; 10000 is the most one request may have.',
    ],
  ])('%.40s is refused with a reason', async (sent, status, error) => {
    expect(await give(sent)).toMatchObject({
      status,
      body: { error: typeof error === 'string' ? error : expect.stringMatching(error) },
    });
  });

  test('in another type than JSON is refused: no foreign page can send it unasked', async () => {
    expect(await give('{"id":"a","label":"b"}', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
  });
});

describe('who may give feedback', () => {
  const TOKEN = 'correct-horse-battery';
  let project: Project;
  let server: Serving | undefined;
  beforeAll(async () => {
    project = await servedProject();
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  afterAll(() => project.dispose());

  test('is whoever bears the token, where there is one; asking needs none', async () => {
    project.write('token', `${TOKEN}\n`);
    server = await serve(project, ['--token-file', 'token'], { MLLOOP_TOKEN: 'another-one-entirely' });
    const { url } = server;
    const id = await ask(url, 1);
    const give = (headers: Record<string, string>) => post(`${url}/feedback`, { id, label: 'a' }, headers);
    const without = await give({});
    expect([without.status, without.body, without.headers.get('www-authenticate')]).toEqual([
      401,
      { error: 'A token is needed here: send it in the header Authorization, as Bearer TOKEN.' },
      'Bearer realm="mlloop"',
    ]);
    for (const wrong of ['another-one-entirely', `${TOKEN}x`, 'x']) {
      expect(await give({ authorization: `Bearer ${wrong}` })).toMatchObject({
        status: 401,
        body: { error: 'This is not the token of this server.' },
      });
    }
    expect(project.rows('SELECT * FROM label')).toEqual([]);
    expect((await give({ authorization: `Bearer ${TOKEN}` })).status).toBe(200);
  });

  test('has to be said before others than this machine can reach the server', async () => {
    expect(await project.mlloop(['serve', '--host', '0.0.0.0', '--port', '0'])).toEqual({
      status: 2,
      stdout: '',
      stderr: `Others than this machine can reach 0.0.0.0, and no token says who may give feedback.
Set one in MLLOOP_TOKEN or with --token-file FILE (openssl rand -hex 32 makes one), or listen on 127.0.0.1.
`,
    });
    server = await serve(project, ['--host', '0.0.0.0'], { MLLOOP_TOKEN: TOKEN });
    expect((await post(`${server.url}/feedback`, { id: 'a', label: 'a' })).status).toBe(401);
  });

  test.each([
    [
      { MLLOOP_TOKEN: 'short' },
      [],
      'The token in MLLOOP_TOKEN cannot be used: it has to be one word of at least 16 characters, and has 5.',
    ],
    [
      { MLLOOP_TOKEN: '' },
      [],
      'The token in MLLOOP_TOKEN cannot be used: it has to be one word of at least 16 characters, and has 0.',
    ],
    [{}, ['--token-file', 'gone'], /^The token in gone cannot be used: ENOENT/],
  ])('a token that is none is refused: %j %j', async (env, args, message) => {
    const { status, stderr } = await project.mlloop(['serve', '--port', '0', ...args], env);
    const [first = ''] = stderr.split('\n');
    expect(status).toBe(2);
    if (typeof message === 'string') expect(first).toBe(message);
    else expect(first).toMatch(message);
  });
});

test('with log.inputs none a label counts and has no input', async () => {
  const project = await servedProject('log: { inputs: none }\n');
  const server = await serve(project);
  const id = await ask(server.url, 1);
  await post(`${server.url}/feedback`, { id, label: 'a' });
  expect(
    project.rows('SELECT (SELECT count(*) FROM label) AS labels, (SELECT count(*) FROM prediction_input) AS inputs'),
  ).toEqual([{ labels: 1, inputs: 0 }]);
  await server.stop();
  project.dispose();
});

test('inputs that nobody labelled in time are deleted by the server itself', async () => {
  const project = await servedProject('log: { inputs: labelled, days: 3 }\n');
  const first = await serve(project);
  const ids = [await ask(first.url, 1), await ask(first.url, 2)];
  await post(`${first.url}/feedback`, { id: ids[0], label: 'a' });
  await first.stop();
  const log = project.open();
  log.exec('UPDATE prediction SET at = at - 4 * 86400000');
  const server = await serve(project);
  const labelled = () =>
    log.prepare('SELECT id FROM prediction JOIN prediction_input ON prediction = number').pluck().all();
  await expect.poll(labelled, { timeout: 10_000 }).toEqual([ids[0]]);
  log.close();
  await server.stop();
  project.dispose();
});

test('answers that nobody labelled are deleted by the server itself after log.keep days, and stay counted', async () => {
  const project = await servedProject('log: { days: 3, keep: 7 }\n');
  const first = await serve(project);
  const ids = [await ask(first.url, 1), await ask(first.url, 2), await ask(first.url, 3)];
  await post(`${first.url}/feedback`, { id: ids[0], label: 'a' });
  await first.stop();
  const log = project.open();
  log.exec('UPDATE prediction SET at = at - 8 * 86400000');
  // Drift has judged them.
  log.exec(`INSERT INTO drift_window (attempt, line, version, simulated, digest, sample_rows, last_prediction, level, verdict, note, at)
    SELECT max(attempt.id), 'toy', 1, 0, 'd', 3, 3, 0.01, 'no_drift', '', 0 FROM attempt`);
  const server = await serve(project);
  const left = () => log.prepare('SELECT id FROM prediction ORDER BY number').pluck().all();
  // The last one stays: whoever comes next is numbered behind it.
  await expect.poll(left, { timeout: 10_000 }).toEqual([ids[0], ids[2]]);
  expect(log.prepare('SELECT line, version, answers FROM past_prediction').all()).toEqual([
    { line: 'toy', version: 1, answers: 1 },
  ]);
  log.close();
  await server.stop();
  project.dispose();
});
