import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { type Failure, failureText } from '../../lib/domain/failure.ts';
import type { Server } from '../../lib/serve/build-server.ts';
import {
  beginServer,
  createFeed,
  inferBody,
  type RegisteredModel,
  rawRows,
  registerModel,
  startServer,
} from '../rig/serve.ts';
import { temporaryFolderForAll } from '../rig/temporary-folder.ts';

const inFolder = temporaryFolderForAll();
const faulty = fileURLToPath(new URL('../rig/faulty-thread.mjs', import.meta.url));
let one: RegisteredModel;
let server: Server | undefined;

beforeAll(async () => {
  one = await registerModel(inFolder(), 1);
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** A copy of the model whose thread has a fault. */
const versionThat = (fault: string): RegisteredModel => {
  const folder = inFolder('faulty', fault);
  cpSync(one.folder, folder, { recursive: true });
  return { ...one, folder };
};

/** Looks at the registry as the timer does, and waits until what follows from it is done. */
async function follow(): Promise<void> {
  server?.parts.models.follow();
  await server?.parts.models.settled();
}

const statusOf = async (path: string, payload?: object): Promise<number | undefined> =>
  (await server?.app.inject(payload === undefined ? path : { method: 'POST', url: path, payload }))?.statusCode;

const metric = async (name: string): Promise<string | undefined> =>
  (await server?.app.inject('/metrics'))?.body.split('\n').find((line) => line.startsWith(name));

test('a thread that hangs while it is loaded leaves the one before, is reported, and is tried again', async () => {
  const lines: string[] = [];
  const feed = createFeed(versionThat('answers'));
  const logger = { stream: { write: (line: string) => lines.push(line) } };
  server = await startServer(feed, { threadFile: faulty, limits: { loadMs: 2000 }, logger });
  const stalling = { ...versionThat('stalls'), version: 2 };
  feed.want(stalling);
  await follow();
  const { serving, failure: why } = server.parts.models.find('toy') ?? {};
  expect(serving?.version).toBe(1);
  const problem = `The thread that loads ${stalling.folder} was not ready after 2000 ms, and was given up.`;
  expect(why && failureText(why)).toBe(problem);
  expect(await statusOf('/v2/models/toy/infer', inferBody(rawRows(1), 1))).toBe(200);
  expect(await statusOf('/v2/health/ready')).toBe(200);
  expect(await metric('mlloop_model_stale')).toBe('mlloop_model_stale{model="toy"} 1');
  const refused = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'version refused');
  expect(refused).toMatchObject([{ model: 'toy', version: 2, kept: 1, problem }]);
  await expect
    .poll(() => metric('mlloop_model_loads_total{model="toy",outcome="refused"}'), { timeout: 15_000 })
    .toMatch(/ 2$/);
  feed.want({ ...versionThat('answers'), version: 3 });
  await follow();
  expect(server.parts.models.find('toy')).toMatchObject({ serving: { version: 3 }, failure: undefined });
  await expect.poll(() => server?.unended()).toBe(0);
}, 40_000);

test('a thread that hangs while it is loaded as the first is told to whoever started the server, and later ones are not', async () => {
  const told: string[] = [];
  const options = {
    threadFile: faulty,
    limits: { loadMs: 2000 },
    onHung: (why: Failure) => void told.push(failureText(why)),
  };
  const stalling = versionThat('stalls');
  server = await startServer(createFeed(stalling), options);
  expect(told).toEqual([`The thread that loads ${stalling.folder} was not ready after 2000 ms, and was given up.`]);
  await server.stop();
  const feed = createFeed(versionThat('answers'));
  server = await startServer(feed, options);
  feed.want({ ...stalling, version: 2 });
  await follow();
  expect(told).toHaveLength(1);
}, 40_000);

test('a thread that takes long to load because the machine stood still is waited for', async () => {
  let nowMs = 0;
  const feed = createFeed(versionThat('answers'));
  const clock = { now: () => nowMs, elapsed: () => nowMs };
  server = await startServer(feed, { threadFile: faulty, clock, limits: { loadMs: 10_000 } });
  feed.want({ ...versionThat('stalls'), version: 2 });
  server.parts.models.follow();
  for (let look = 1; look <= 9; look++) {
    nowMs += 60_000;
    server.parts.models.sweep();
  }
  expect(await metric('mlloop_model_stale')).toBe('mlloop_model_stale{model="toy"} 0');
  nowMs += 60_000;
  server.parts.models.sweep();
  await server.parts.models.settled();
  expect(await metric('mlloop_model_stale')).toBe('mlloop_model_stale{model="toy"} 1');
});

test('a thread that hangs while it is loaded does not keep the server from stopping', async () => {
  const limits = { graceMs: 200 };
  const stopping = await beginServer(createFeed(versionThat('stalls')), { threadFile: faulty, limits });
  await stopping.stop();
  expect(stopping.parts.models.isReady()).toBe(false);
}, 10_000);
