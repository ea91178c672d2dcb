import { expect, test } from 'vitest';
import { createFeed, startServer } from '../../rig/serve.ts';

test('how long a request took is measured, also where nothing is logged', async () => {
  const server = await startServer(createFeed());
  await server.app.inject('/v2');
  const { body } = await server.app.inject('/metrics');
  await server.stop();
  expect(body).toContain('mlloop_request_duration_seconds_count{endpoint="/v2",code="200"} 1\n');
  const [, sum] = /^mlloop_request_duration_seconds_sum{endpoint="\/v2",code="200"} (.*)$/m.exec(body) ?? [];
  expect(Number(sum)).toBeGreaterThan(0);
});
