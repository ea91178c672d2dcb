import { once } from 'node:events';
import { createHistogram } from 'node:perf_hooks';
import autocannon from 'autocannon';

/**
 * Clients that each ask again as soon as they are answered: how much a server can do. Milliseconds are taken from the moment
 * a request is written to the last byte of its answer.
 * @param target { url, path, headers, bodies }: each client sends the bodies in turn
 */
export async function closedLoad({ url, path, headers, bodies }, { clients, seconds, amount }) {
  const times = createHistogram();
  const codes = {};
  const load = autocannon({
    url: `${url}${path}`,
    connections: clients,
    ...(amount === undefined ? { duration: seconds } : { amount }),
    requests: bodies.map((body) => ({ method: 'POST', headers, body })),
  });
  const startedMs = performance.now();
  let answered = 0;
  let lastMs = startedMs;
  load.on('response', (_, code, __, ms) => {
    times.record(Math.max(1, Math.round(ms * 1e6)));
    codes[code] = (codes[code] ?? 0) + 1;
    answered += 1;
    lastMs = performance.now();
  });
  const [{ errors, timeouts }] = await once(load, 'done');
  return {
    perSecond: (answered / (lastMs - startedMs)) * 1000,
    p50Ms: times.percentile(50) / 1e6,
    p99Ms: times.percentile(99) / 1e6,
    answered,
    failed: answered - (codes[200] ?? 0) + errors + timeouts,
    codes,
  };
}
