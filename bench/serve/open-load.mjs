import { createHistogram } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { Client } from 'undici';

/** Connections, all open before it begins: more than a server that answers in time ever needs at once. */
const CONNECTIONS = 2048;
const OPENED_AT_ONCE = 64;

/**
 * Requests at a fixed rate, whether or not those before were answered: what happens when more comes than a server can do.
 * Milliseconds are taken from the moment a request was due, so that waiting for a connection, or for a generator that is
 * late, counts, too.
 */
export async function openLoad({ url, path, headers, bodies }, { perSecond, seconds }) {
  const idle = await openConnections(url);
  const late = [];
  const accepted = createHistogram();
  const refused = createHistogram();
  const codes = {};
  let [sent, settled, errors, mostLate] = [0, 0, 0, 0];
  const send = (client, dueMs) => {
    let code = 0;
    const end = () => {
      settled += 1;
      codes[code] = (codes[code] ?? 0) + 1;
      (code === 200 ? accepted : refused).record(Math.max(1, Math.round((performance.now() - dueMs) * 1e6)));
      const next = late.shift();
      if (next === undefined) idle.push(client);
      else send(client, next);
    };
    const body = bodies[sent % bodies.length];
    sent += 1;
    client.dispatch(
      { path, method: 'POST', headers, body },
      handler(
        (status) => {
          code = status;
        },
        end,
        () => {
          errors += 1;
          end();
        },
      ),
    );
  };
  const startedMs = performance.now();
  const total = Math.round(perSecond * seconds);
  let begun = 0;
  while (begun < total) {
    const due = Math.min(total, ((performance.now() - startedMs) / 1000) * perSecond);
    for (; begun < due; begun++) {
      const dueMs = startedMs + (begun / perSecond) * 1000;
      const client = idle.pop();
      if (client === undefined) late.push(dueMs);
      else send(client, dueMs);
    }
    mostLate = Math.max(mostLate, late.length);
    await setImmediate();
  }
  const sentMs = performance.now() - startedMs;
  while (settled < total) await setImmediate();
  const tookMs = performance.now() - startedMs;
  await Promise.all(idle.map((client) => client.close()));
  return {
    sentPerSecond: (begun / sentMs) * 1000,
    acceptedPerSecond: ((codes[200] ?? 0) / tookMs) * 1000,
    p50Ms: accepted.percentile(50) / 1e6,
    p99Ms: accepted.percentile(99) / 1e6,
    refusedP99Ms: refused.count === 0 ? 0 : refused.percentile(99) / 1e6,
    mostLate,
    codes,
    errors,
  };
}

const handler = (onStart, onEnd, onError) => ({
  onRequestStart() {},
  onResponseStart: (_, status) => onStart(status),
  onResponseData() {},
  onResponseEnd: onEnd,
  onResponseError: onError,
});

async function openConnections(url) {
  const clients = Array.from({ length: CONNECTIONS }, () => new Client(url));
  const ask = async (client) => {
    const { body } = await client.request({ path: '/v2/health/live', method: 'GET' });
    await body.dump();
  };
  for (let from = 0; from < CONNECTIONS; from += OPENED_AT_ONCE) {
    await Promise.all(clients.slice(from, from + OPENED_AT_ONCE).map(ask));
  }
  return clients;
}
