import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { standAtTheDoor } from '../../../lib/serve/door/front-door.ts';
import type { Fault } from '../../../lib/serve/fault.ts';

const FAULT: Fault = { status: 503, error: 'Not now: it’s full.', retryAfter: 2, isShed: true };

let server: Server;
/** Paths and bodies that came in. */
let came: string[];
let isFull: boolean;
let refused: number;
let socket: Socket;

beforeEach(async () => {
  came = [];
  isFull = false;
  refused = 0;
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      came.push(`${request.url} ${body}`);
      response.end(`answered ${body}`);
    });
  });
  standAtTheDoor(server, {
    refusal: (url) => {
      if (!isFull || !url.startsWith('/ask')) return undefined;
      refused += 1;
      return FAULT;
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true });
  socket.setEncoding('utf8');
});
afterEach(async () => {
  socket.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const ask = (body: string, path = '/ask'): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** What comes back until it ends with a text. */
const until = (end: string): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    const take = (piece: string): void => {
      text += piece;
      if (!text.endsWith(end)) return;
      socket.off('data', take);
      resolve(text);
    };
    socket.on('data', take);
  });

async function exchange(bytes: string, end: string): Promise<string> {
  const answered = until(end);
  socket.write(bytes);
  return answered;
}

const REFUSAL = [
  'HTTP/1.1 503 Service Unavailable',
  'Content-Type: application/json; charset=utf-8',
  'Content-Length: 33',
  'Retry-After: 2',
  'Connection: keep-alive',
  '',
  '{"error":"Not now: it’s full."}',
].join('\r\n');

test('what is refused is told so on a connection that stays, and never comes in', async () => {
  await exchange(ask('one'), 'answered one');
  isFull = true;
  expect(await exchange(ask('two'), '}')).toBe(REFUSAL);
  expect(await exchange(ask('three'), '}')).toBe(REFUSAL);
  isFull = false;
  await exchange(ask('four'), 'answered four');
  expect(came).toEqual(['/ask one', '/ask four']);
  expect(refused).toBe(2);
});

test('a connection’s first request comes in, and so does what is no question', async () => {
  isFull = true;
  await exchange(ask('one'), 'answered one');
  await exchange(ask('two', '/other'), 'answered two');
  expect(came).toEqual(['/ask one', '/other two']);
});

test.each([
  ['comes in two pieces', ask('four').slice(0, -2), ask('four').slice(-2)],
  ['is two', ask('three') + ask('four'), undefined],
  [
    'comes in chunks',
    'POST /ask HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n',
    undefined,
  ],
])('a read that %s goes to the parser, and so does all that follows', async (_, first, second) => {
  await exchange(ask('one'), 'answered one');
  isFull = true;
  const answered = until('answered four');
  socket.write(first);
  if (second !== undefined) {
    // The two writes are two reads: something else has been answered between them.
    const other = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
    other.write(ask('between', '/other'));
    await once(other, 'data');
    other.destroy();
    socket.write(second);
  }
  await answered;
  await exchange(ask('five'), 'answered five');
  expect(came.filter((one) => !one.startsWith('/other'))).toEqual(
    ['one', ...(first.includes('three') ? ['three'] : []), 'four', 'five'].map((body) => `/ask ${body}`),
  );
  expect(refused).toBe(0);
});

test('a body that looks like a question is a body', async () => {
  await exchange(ask('one'), 'answered one');
  isFull = true;
  const inner = ask('inner');
  const outer = ask(inner, '/other');
  const answered = until('\r\n\r\ninner');
  socket.write(outer.slice(0, -inner.length));
  const other = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  other.write(ask('between', '/other'));
  await once(other, 'data');
  other.destroy();
  socket.write(inner);
  expect(await answered).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(came).toContain(`/other ${inner}`);
  expect(refused).toBe(0);
});
