import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { createFeed, startServer } from '../rig/serve.ts';

test('a connection that nobody ever said a word on, as browsers open them ahead, does not keep the server from stopping', async () => {
  const server = await startServer(createFeed(), { limits: { graceMs: 60_000 } });
  await server.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.app.server.address() as AddressInfo;
  const accepted = once(server.app.server, 'connection');
  const silent = connect(port, '127.0.0.1');
  const closed = once(silent, 'close');
  await accepted;
  await server.stop();
  await closed;
  expect(silent.bytesRead).toBe(0);
}, 10_000);
