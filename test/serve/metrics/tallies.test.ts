import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createTallies } from '../../../lib/serve/metrics/tallies.ts';

test('a histogram that is counted in plain numbers is told as Prometheus expects it', async () => {
  const registry = new Registry();
  const tallies = createTallies({ registry, name: 'took_seconds', help: 'How long it took.', buckets: [0.5, 1] });
  const one = tallies({ endpoint: '/v2', code: 200 });
  for (const value of [0.25, 0.5, 0.75, 8]) one.observe(value);
  tallies({ endpoint: '/"', code: 404 }).observe(1);
  expect(await registry.metrics()).toBe(`# HELP took_seconds How long it took.
# TYPE took_seconds histogram
took_seconds_bucket{le="0.5",endpoint="/v2",code="200"} 2
took_seconds_bucket{le="1",endpoint="/v2",code="200"} 3
took_seconds_bucket{le="+Inf",endpoint="/v2",code="200"} 4
took_seconds_sum{endpoint="/v2",code="200"} 9.5
took_seconds_count{endpoint="/v2",code="200"} 4
took_seconds_bucket{le="0.5",endpoint="/\\"",code="404"} 0
took_seconds_bucket{le="1",endpoint="/\\"",code="404"} 1
took_seconds_bucket{le="+Inf",endpoint="/\\"",code="404"} 1
took_seconds_sum{endpoint="/\\"",code="404"} 1
took_seconds_count{endpoint="/\\"",code="404"} 1
`);
});
