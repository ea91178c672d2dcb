import { chmodSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { contentOf } from '../../lib/cache/content.ts';
import { failure } from '../../lib/domain/failure.ts';
import { publishVersion } from '../../lib/registry/version-folder.ts';
import type { Server } from '../../lib/serve/build-server.ts';
import { sha256 } from '../../lib/util/hash.ts';
import { err } from '../../lib/util/result.ts';
import { createFeed, inferBody, type RegisteredModel, rawRows, registerModel, startServer } from '../rig/serve.ts';
import { temporaryFolderForAll } from '../rig/temporary-folder.ts';

const inFolder = temporaryFolderForAll();
let one: RegisteredModel;
let two: RegisteredModel;
let server: Server | undefined;

beforeAll(async () => {
  [one, two] = [await registerModel(inFolder(), 1), await registerModel(inFolder(), 2)];
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const row = rawRows(1);

async function infer(path = '/v2/models/toy/infer') {
  const answer = await server?.app.inject({ method: 'POST', url: path, payload: inferBody(row, 1) });
  return { status: answer?.statusCode, headers: answer?.headers, body: answer?.json() };
}

async function get(path: string) {
  const answer = await server?.app.inject(path);
  return { status: answer?.statusCode, body: answer?.json() };
}

/** Looks at the registry as the timer does, and waits until what follows from it is done. */
async function follow(): Promise<void> {
  server?.parts.models.follow();
  await server?.parts.models.settled();
}

const metric = async (name: string): Promise<string | undefined> =>
  (await server?.app.inject('/metrics'))?.body.split('\n').find((line) => line.startsWith(name));

describe('a server', () => {
  test('without a champion is not ready, says what to do, and is ready when there is one', async () => {
    const feed = createFeed();
    server = await startServer(feed);
    expect((await get('/v2/health/live')).status).toBe(200);
    const error = 'No model is deployed yet. Deploy one with: npm run pipeline';
    expect(await get('/v2/health/ready')).toEqual({ status: 503, body: { ready: false, live: true, error } });
    expect((await get('/ping')).status).toBe(404);
    expect(await infer()).toMatchObject({ status: 404, body: { error: `There is no model 'toy'. ${error}` } });
    expect(await infer('/invocations')).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { error },
    });
    feed.want(one);
    await follow();
    expect((await get('/v2/health/ready')).status).toBe(200);
    expect((await infer()).body.model_version).toBe('1');
  });

  test('answers with the version that is wanted, and ends the one before', async () => {
    const feed = createFeed(one);
    server = await startServer(feed);
    const before = await infer();
    feed.want(two);
    await follow();
    const after = await infer();
    expect([before.body.model_version, after.body.model_version]).toEqual(['1', '2']);
    const expected = await two.answersOf(row, 1);
    expected.forEach((value, at) => {
      expect(Math.abs(value - after.body.outputs[0].data[at])).toBeLessThan(1e-5);
    });
    expect((await get('/v2/models/toy/versions/1')).status).toBe(404);
    expect(await metric('mlloop_model_info')).toBe(
      'mlloop_model_info{model="toy",version="2",alias="champion",engine="onnx"} 1',
    );
  });

  test('does not answer with a version that was taken back while it was loaded', async () => {
    const feed = createFeed(one);
    server = await startServer(feed);
    const { serving } = server.parts.models.find('toy') ?? {};
    feed.want(two);
    server.parts.models.follow();
    feed.want(one);
    await follow();
    expect(server.parts.models.find('toy')?.serving).toBe(serving);
    expect(await metric('mlloop_model_loads_total{model="toy",outcome="loaded"}')).toMatch(/ 1$/);
  });

  test('answers every line under its own name, and the first of the feed where none is named', async () => {
    const other = await registerModel(inFolder(), 3, 'other');
    const feed = createFeed(one, other);
    server = await startServer(feed);
    expect((await infer('/v2/models/other/infer')).body).toMatchObject({ model_name: 'other', model_version: '3' });
    const instances = { method: 'POST', url: '/invocations', payload: { instances: [[...row]] } } as const;
    expect((await server.app.inject(instances)).json()).toMatchObject({ model_name: 'toy' });
    feed.want(other);
    await follow();
    expect((await infer()).status).toBe(404);
    expect((await server.app.inject(instances)).json()).toMatchObject({ model_name: 'other' });
  });

  test('of which nothing can be read any more goes on as it was', async () => {
    const feed = createFeed(one);
    const unreadable = err(failure('RUNLOG_UNREADABLE', { file: 'runs.db', problem: 'it is a picture' }));
    let isBroken = false;
    server = await startServer({
      mark: () => (isBroken ? 'broken' : feed.mark()),
      wanted: () => (isBroken ? unreadable : feed.wanted()),
    });
    isBroken = true;
    await follow();
    expect((await get('/v2/health/ready')).status).toBe(200);
    expect((await infer()).body.model_version).toBe('1');
  });
});

describe('a version that is not what was registered', () => {
  /** A copy of a version's folder with a fault in it. */
  function damaged(name: string, fault: (folder: string) => void): RegisteredModel {
    const folder = inFolder('damaged', name.replaceAll(' ', '-'));
    cpSync(two.folder, folder, { recursive: true });
    fault(folder);
    return { ...two, folder };
  }

  const flip = (file: string) => (folder: string) => {
    const bytes = readFileSync(join(folder, file));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    chmodSync(join(folder, file), 0o644);
    writeFileSync(join(folder, file), bytes);
  };

  /** The same, with the version's own list of files changed alike. */
  const forge = (file: string) => (folder: string) => {
    flip(file)(folder);
    const list = join(folder, 'version.json');
    const version = JSON.parse(readFileSync(list, 'utf8')) as { files: Record<string, string> };
    version.files[file] = sha256(readFileSync(join(folder, file)));
    chmodSync(list, 0o644);
    writeFileSync(list, JSON.stringify(version));
  };

  test.each<readonly [string, (folder: string) => void, RegExp]>([
    ['a flipped byte', flip('model.onnx'), /^.* is not what was registered: model\.onnx has other bytes\.$/],
    ['a file too few', (folder) => rmSync(join(folder, 'golden.json')), /: golden\.json is gone\.$/],
    ['a file too many', (folder) => writeFileSync(join(folder, 'x'), ''), /: x does not belong to it\.$/],
    ['no description', (folder) => rmSync(join(folder, 'version.json')), /: it has no version\.json\.$/],
    ['other bytes that it says are right', forge('model.onnx'), /: its files are not those that were registered\.$/],
    ['nothing at all', (folder) => rmSync(folder, { recursive: true }), /: it is gone\.$/],
  ])('(%s) leaves the one before, and is reported', async (name, fault, problem) => {
    const lines: string[] = [];
    const feed = createFeed(one);
    server = await startServer(feed, { logger: { stream: { write: (line: string) => lines.push(line) } } });
    feed.want(damaged(name, fault));
    await follow();
    expect((await get('/v2/health/ready')).status).toBe(200);
    expect((await infer()).body.model_version).toBe('1');
    expect(await metric('mlloop_model_stale')).toBe('mlloop_model_stale{model="toy"} 1');
    expect(await metric('mlloop_model_loads_total{model="toy",outcome="refused"}')).toMatch(/ 1$/);
    const line = lines.map((text) => JSON.parse(text)).find(({ msg }) => msg === 'version refused');
    expect(line).toMatchObject({ model: 'toy', version: 2, kept: 1, problem: expect.stringMatching(problem) });
  });

  test('is no model to be ready with, and is tried again', async () => {
    const wanted = damaged('to be mended', (folder) => renameSync(join(folder, 'model.onnx'), join(folder, 'away')));
    const feed = createFeed(wanted);
    let nowMs = 0;
    server = await startServer(feed, { clock: { now: () => nowMs, elapsed: () => nowMs } });
    const { status, body } = await get('/v2/health/ready');
    expect(status).toBe(503);
    expect(body.error).toMatch(
      /^toy: .* is not what was registered: model\.onnx is gone, away does not belong to it\.$/,
    );
    expect(await infer()).toMatchObject({
      status: 503,
      body: { error: "The model 'toy' does not answer yet: its version could not be loaded; see the server’s log." },
    });
    renameSync(join(wanted.folder, 'away'), join(wanted.folder, 'model.onnx'));
    await follow();
    expect((await get('/v2/health/ready')).status).toBe(503);
    nowMs += 1000;
    await follow();
    expect((await get('/v2/health/ready')).status).toBe(200);
  });

  test('answers otherwise than when it was trained', async () => {
    const golden = JSON.parse(readFileSync(join(two.folder, 'golden.json'), 'utf8')) as { outputs: number[] };
    golden.outputs[0] = (golden.outputs[0] ?? 0) + 2e-5;
    const wanted = await registerModel(inFolder(), 5, 'shifted');
    const source = inFolder('made-shifted-5');
    writeFileSync(join(source, 'golden.json'), JSON.stringify(golden));
    const { hash } = await contentOf(source);
    publishVersion(wanted.folder, { source, line: 'shifted', version: 5, run: 1, hash, metrics: {} });
    server = await startServer(createFeed({ ...wanted, hash }));
    const { body } = await get('/v2/health/ready');
    expect(body.error).toMatch(
      /answers otherwise than when it was trained: it is off by .*, where 0\.00001 is allowed\.$/,
    );
  });
});

describe('a thread that', () => {
  const faulty = fileURLToPath(new URL('../rig/faulty-thread.mjs', import.meta.url));
  const versionThat = (fault: string): RegisteredModel => {
    const folder = inFolder('faulty', fault);
    cpSync(one.folder, folder, { recursive: true });
    return { ...one, folder };
  };

  test.each([
    ['dies', 'The model could not answer: it gave no reason'],
    ['throws', 'The model could not answer: a thread met a bug'],
  ])('%s has its requests told, and another takes its place', async (fault, error) => {
    server = await startServer(createFeed(versionThat(fault)), { threadFile: faulty });
    const answers = await Promise.all([infer(), infer(), infer()]);
    for (const { status, body } of answers) expect({ status, body }).toEqual({ status: 503, body: { error } });
    await server.parts.models.settled();
    expect((await get('/v2/health/ready')).status).toBe(200);
    expect(await metric('mlloop_model_loads_total{model="toy",outcome="died"}')).toMatch(/ 1$/);
  });

  test('dies again and again is waited for longer and longer', async () => {
    let nowMs = 0;
    const clock = { now: () => nowMs, elapsed: () => nowMs };
    server = await startServer(createFeed(versionThat('dies')), { threadFile: faulty, clock });
    const dies = async (): Promise<void> => {
      expect((await infer()).status).toBe(503);
      await expect.poll(() => server?.parts.models.find('toy')?.failure?.code).toBe('SERVE_THREAD_DIED');
    };
    await infer();
    await server.parts.models.settled();
    for (const ms of [1000, 2000, 4000]) {
      await dies();
      nowMs += ms - 1;
      await follow();
      expect((await get('/v2/health/ready')).status).toBe(503);
      nowMs += 1;
      await follow();
      expect((await get('/v2/health/ready')).status).toBe(200);
    }
  });

  test('hangs has its requests given up, and another takes its place', async () => {
    server = await startServer(createFeed(versionThat('hangs')), { threadFile: faulty, limits: { timeoutMs: 300 } });
    const answers = await Promise.all([infer(), infer()]);
    for (const { status, body } of answers) {
      expect({ status, body }).toEqual({ status: 504, body: { error: 'The model did not answer within 300 ms.' } });
    }
    await expect.poll(() => metric('mlloop_model_loads_total{model="toy",outcome="loaded"}')).toMatch(/ 2$/);
  });

  const loaded = 'mlloop_model_loads_total{model="toy",outcome="loaded"}';

  test('hangs has its requests given up, too, where another version has taken its place', async () => {
    const feed = createFeed(versionThat('hangs'));
    server = await startServer(feed, { threadFile: faulty, limits: { timeoutMs: 300 } });
    const asked = infer();
    await expect.poll(() => server?.parts.models.find('toy')?.serving?.queue.rows).toBe(1);
    // The same number, as it is after the state folder was put back from a copy.
    feed.want(versionThat('answers'));
    await follow();
    const { serving } = server.parts.models.find('toy') ?? {};
    expect((await asked).status).toBe(504);
    await expect.poll(() => metric('mlloop_model_loads_total{model="toy",outcome="died"}')).toMatch(/ 1$/);
    expect(server.parts.models.find('toy')?.serving).toBe(serving);
    expect(await metric(loaded)).toMatch(/ 2$/);
  }, 10_000);

  test('ends while it is loaded leaves the one before, whatever their numbers', async () => {
    const feed = createFeed(versionThat('answers'));
    server = await startServer(feed, { threadFile: faulty });
    feed.want(versionThat('vanishes'));
    await follow();
    expect((await get('/v2/health/ready')).status).toBe(200);
    expect((await infer()).status).toBe(200);
  });

  test('ends while what is wanted in its place cannot be loaded is started again', async () => {
    const feed = createFeed(versionThat('dies'));
    server = await startServer(feed, { threadFile: faulty });
    feed.want({ ...versionThat('vanishes'), version: 2 });
    await follow();
    expect((await infer()).status).toBe(503);
    await server.parts.models.settled();
    expect(server.parts.models.find('toy')).toMatchObject({
      serving: { version: 1 },
      failure: { code: 'SERVE_THREAD_DIED' },
    });
    expect(await metric('mlloop_model_stale')).toBe('mlloop_model_stale{model="toy"} 1');
    feed.want({ ...versionThat('answers'), version: 3 });
    await follow();
    expect(server.parts.models.find('toy')).toMatchObject({ serving: { version: 3 }, failure: undefined });
  });

  test('hangs does not keep the server from stopping', async () => {
    const limits = { timeoutMs: 60_000, graceMs: 200 };
    const stopping = await startServer(createFeed(versionThat('hangs')), { threadFile: faulty, limits });
    const asked = stopping.app.inject({ method: 'POST', url: '/v2/models/toy/infer', payload: inferBody(row, 1) });
    await expect.poll(() => stopping.parts.models.find('toy')?.serving?.queue.rows).toBe(1);
    await stopping.stop();
    expect((await asked).statusCode).toBe(503);
  }, 10_000);

  test('hangs after another has taken its place does not keep the server from stopping', async () => {
    const feed = createFeed(versionThat('hangs'));
    const stopping = await startServer(feed, { threadFile: faulty, limits: { timeoutMs: 60_000, graceMs: 200 } });
    const asked = stopping.app.inject({ method: 'POST', url: '/v2/models/toy/infer', payload: inferBody(row, 1) });
    await expect.poll(() => stopping.parts.models.find('toy')?.serving?.queue.rows).toBe(1);
    feed.want(versionThat('answers'));
    stopping.parts.models.follow();
    await stopping.parts.models.settled();
    await stopping.stop();
    expect((await asked).statusCode).toBe(503);
  }, 10_000);
});
