import { once } from 'node:events';
import { connect } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';

/** Connections, all open before it begins: more than a server that answers in time ever needs at once. */
const CONNECTIONS = 2048;
const OPENED_AT_ONCE = 64;

/** Milliseconds between two looks at what is due: a generator that spins takes the core the server needs. */
const TICK_MS = 1;

/** Bytes of an answer's head at most, and of one read. */
const READ_BYTES = 64 * 1024;

/**
 * Requests at a fixed rate, whether or not those before were answered: what happens when more comes than a server can do.
 * Milliseconds are taken from the moment a request was due, so that waiting for a connection, or for a generator that is
 * late, counts, too. It shares the server's cores, so requests are written as bytes that were made before, and of an answer
 * only its code and its end are read.
 */
export async function openLoad({ url, path, headers, bodies }, { perSecond, seconds }) {
  const messages = bodies.map((body) => messageOf({ url, path, headers, body }));
  const late = [];
  const accepted = createHistogram();
  const refused = createHistogram();
  const codes = {};
  let [sent, settled, errors, mostLate] = [0, 0, 0, 0];
  const idle = [];
  const send = (connection, dueMs) => {
    connection.dueMs = dueMs;
    connection.socket.write(messages[sent % messages.length]);
    sent += 1;
  };
  const free = (connection) => {
    const next = late.shift();
    if (next === undefined) idle.push(connection);
    else send(connection, next);
  };
  const onAnswer = (connection, code) => {
    settled += 1;
    codes[code] = (codes[code] ?? 0) + 1;
    const ms = performance.now() - connection.dueMs;
    (code === 200 ? accepted : refused).record(Math.max(1, Math.round(ms * 1e6)));
    free(connection);
  };
  const onLoss = (connection) => {
    if (connection.dueMs === undefined) return;
    settled += 1;
    errors += 1;
  };
  idle.push(...(await openConnections(url, { onAnswer, onLoss })));
  const all = [...idle];
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const total = Math.round(perSecond * seconds);
  let begun = 0;
  while (begun < total) {
    const due = Math.min(total, ((performance.now() - startedMs) / 1000) * perSecond);
    for (; begun < due; begun++) {
      const dueMs = startedMs + (begun / perSecond) * 1000;
      const connection = idle.pop();
      if (connection === undefined) late.push(dueMs);
      else send(connection, dueMs);
    }
    mostLate = Math.max(mostLate, late.length);
    await setTimeout(TICK_MS);
  }
  const sentMs = performance.now() - startedMs;
  while (settled < total) await setTimeout(TICK_MS);
  const tookMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  for (const { socket } of all) socket.destroy();
  return {
    sentPerSecond: (begun / sentMs) * 1000,
    acceptedPerSecond: ((codes[200] ?? 0) / tookMs) * 1000,
    p50Ms: accepted.percentile(50) / 1e6,
    p99Ms: accepted.percentile(99) / 1e6,
    refusedP99Ms: refused.count === 0 ? 0 : refused.percentile(99) / 1e6,
    mostLate,
    codes,
    errors,
    generatorCores: (user + system) / 1000 / tookMs,
  };
}

function messageOf({ url, path, headers, body }) {
  const lines = Object.entries({ host: new URL(url).host, ...headers, 'content-length': body.length });
  const head = [`POST ${path} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head), body]);
}

async function openConnections(url, told) {
  const connections = [];
  while (connections.length < CONNECTIONS) {
    connections.push(...(await Promise.all(Array.from({ length: OPENED_AT_ONCE }, () => openConnection(url, told)))));
  }
  return connections;
}

/** All connections read into the same memory: an answer is looked at before the next one is read. */
const shared = Buffer.alloc(READ_BYTES);

async function openConnection(url, { onAnswer, onLoss }) {
  const { hostname, port } = new URL(url);
  const connection = { socket: undefined, dueMs: undefined };
  let kept;
  const callback = (length, buffer) => {
    const bytes = kept === undefined ? buffer.subarray(0, length) : Buffer.concat([kept, buffer.subarray(0, length)]);
    const code = codeOfWhole(bytes);
    kept = code === undefined ? Buffer.from(bytes) : undefined;
    if (code !== undefined) onAnswer(connection, code);
    return true;
  };
  connection.socket = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    onread: { buffer: shared, callback },
  });
  await once(connection.socket, 'connect');
  connection.socket.on('error', () => undefined).on('close', () => onLoss(connection));
  return connection;
}

/** The code of an answer, once all of it is there. */
function codeOfWhole(bytes) {
  const text = bytes.latin1Slice(0, bytes.length);
  const headEnds = text.indexOf('\r\n\r\n');
  if (headEnds < 0) return undefined;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)[1]);
  return bytes.length < headEnds + 4 + length ? undefined : Number(text.slice(9, 12));
}
