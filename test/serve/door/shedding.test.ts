import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Server } from '../../../lib/serve/build-server.ts';
import { type Client, createClient } from '../../rig/http.ts';
import { createFeed, inferBody, rawRows, registerModel, startServer } from '../../rig/serve.ts';
import { temporaryFolderForAll } from '../../rig/temporary-folder.ts';

const inFolder = temporaryFolderForAll();
let server: Server;
let client: Client;

beforeAll(async () => {
  const limits = { queueRows: 0, deadlineMs: 200 };
  server = await startServer(createFeed(await registerModel(inFolder(), 1)), { limits });
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  client = createClient((server.app.server.address() as AddressInfo).port);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

test('with room for nobody every question is told so, counted, and everything else is answered', async () => {
  const error = 'Too many requests are waiting: this one could not be answered within 200 ms.';
  const body = inferBody(rawRows(1), 1);
  const asked: readonly (readonly [string, unknown])[] = [
    // The first request of the connection meets the hook, the others the door.
    ['/v2/models/toy/infer', body],
    ['/v2/models/toy/infer', body],
    ['/v2/models/toy/versions/1/infer', body],
    ['/invocations', { instances: [[...rawRows(1)]] }],
  ];
  for (const [path, what] of asked) {
    const { status, json, headers } = await client.ask(path, { body: what });
    expect({ status, json, after: headers['retry-after'], type: headers['content-type'] }).toEqual({
      status: 503,
      json: { error },
      after: '1',
      type: 'application/json; charset=utf-8',
    });
  }
  expect((await client.ask('/v2/health/ready')).status).toBe(200);
  const { bytes } = await client.ask('/metrics');
  expect(bytes.toString()).toContain('mlloop_shed_requests_total{reason="queue"} 4\n');
});
