import { createRng, type Rng } from '../../lib/util/rng.ts';
import { inferBody, ROW, rawRows } from './serve.ts';

/** One malformed request: what is sent, and how the connection is treated. */
export interface FuzzedRequest {
  readonly kind: string;
  readonly bytes: Buffer;
  /** `close` sends all of it and waits, `half` hangs up its own side then, `reset` breaks the connection off. */
  readonly end: 'close' | 'half' | 'reset';
  /** Sent in so many pieces. */
  readonly pieces: number;
}

const INFER = '/v2/models/toy/infer';

const PATHS = [
  INFER,
  '/v2/models/toy/versions/1/infer',
  '/v2/models/toy/versions/1e3/infer',
  '/v2/models/%00/infer',
  '/v2/models/../../etc/passwd',
  '/v2/models/toy/infer?x=%zz',
  '/invocations',
  '/v2/health/ready',
  '/metrics',
  '/openapi.json',
  '//',
  '/%E0%A4%A',
  `/${'a'.repeat(3000)}`,
  `/v2/models/${'m'.repeat(500)}`,
];

const METHODS = ['POST', 'POST', 'POST', 'POST', 'GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'BREW'];

const TYPES = [
  'application/json',
  'application/json',
  'application/json; charset=utf-16',
  'application/octet-stream',
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  ';',
  '',
];

/** Values nobody should send, in places where something else belongs. */
const VALUES: readonly unknown[] = [
  null,
  true,
  '',
  'input',
  0,
  -1,
  1.5,
  1e308,
  2 ** 53 + 2,
  [],
  {},
  [[]],
  [null],
  { length: 12 },
  '__proto__',
  'x'.repeat(500),
  [1e308, -1e308],
  Array.from({ length: 13 }, () => 1),
];

const pick = <T>(rng: Rng, list: readonly T[]): T => list[rng.int(list.length)] as T;

const text = (json: unknown): string => JSON.stringify(json);

const good = (rng: Rng): object => inferBody(rawRows(1 + rng.int(3), rng.int(1000)), 1);

/** Puts something else at a random place of a JSON value. */
function mutated(rng: Rng, value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || (depth > 0 && rng.int(4) === 0)) return pick(rng, VALUES);
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...value };
  const keys = Object.keys(copy);
  const key = keys.length === 0 ? 'x' : pick(rng, keys);
  const fields = copy as Record<string, unknown>;
  if (rng.int(8) === 0) delete fields[key];
  else fields[key] = mutated(rng, fields[key], depth + 1);
  return copy;
}

/** Changes, drops or doubles some bytes. */
function torn(rng: Rng, body: string): Buffer {
  let bytes = Buffer.from(body);
  for (let times = 1 + rng.int(4); times > 0; times--) {
    const at = rng.int(bytes.length);
    const kind = rng.int(4);
    if (kind === 0) bytes[at] = rng.int(256);
    else if (kind === 1) bytes = bytes.subarray(0, at + 1);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    else bytes = Buffer.concat([bytes.subarray(0, at), bytes]);
    if (bytes.length === 0) return Buffer.from('{');
  }
  return bytes;
}

const deep = (rng: Rng): string => {
  const depth = 1 + rng.int(30_000);
  return rng.int(2) === 0 ? `{"inputs":${'['.repeat(depth)}${']'.repeat(depth)}}` : '{"inputs":'.repeat(depth);
};

function shaped(rng: Rng): object {
  const numbers = [0, -1, 1, 2, 3, 4, 12, 13, 1e9, 2 ** 53, 1.5, Number.MAX_VALUE];
  const shape = Array.from({ length: rng.int(5) }, () => pick(rng, numbers));
  const datatype = pick(rng, ['FP32', 'UINT8', 'fp32', 'INT64', 'BYTES', '']);
  return { inputs: [{ name: 'input', shape, datatype, data: [...rawRows(1)] }] };
}

const huge = (rng: Rng): string => {
  const number = pick(rng, ['1e999', '-1e999', `1${'0'.repeat(400)}`, '1e39', '0.'.padEnd(2000, '1'), '-', '00', '1e']);
  const data = [...rawRows(1)].map((value, at) => (at === 5 ? number : String(value)));
  return `{"inputs":[{"name":"input","shape":[1,${ROW.width}],"datatype":"FP32","data":[${data.join(',')}]}]}`;
};

function headed(path: string, body: Buffer | string, headers: readonly string[] = [], method = 'POST'): Buffer {
  const bytes = Buffer.from(body as string);
  const all = [
    `${method} ${path} HTTP/1.1`,
    'Host: x',
    'Connection: close',
    `Content-Length: ${bytes.length}`,
    ...(headers.some((one) => /^content-type:/i.test(one)) ? [] : ['Content-Type: application/json']),
    ...headers,
  ];
  return Buffer.concat([Buffer.from(`${all.join('\r\n')}\r\n\r\n`), bytes]);
}

const KINDS: Readonly<Record<string, (rng: Rng) => Buffer>> = {
  'torn JSON': (rng) => headed(INFER, torn(rng, text(good(rng)))),
  'a wrong value': (rng) => headed(INFER, text(mutated(rng, good(rng)))),
  'a wrong invocation': (rng) => headed('/invocations', text(mutated(rng, { instances: [[...rawRows(1)]] }))),
  'deep nesting': (rng) => headed(INFER, deep(rng)),
  'a wrong shape': (rng) => headed(INFER, text(shaped(rng))),
  'a huge number': (rng) => headed(INFER, huge(rng)),
  'binary with a wrong length': (rng) => {
    const body = Buffer.concat([Buffer.from(text(good(rng))), Buffer.from(rawRows(1, rng.int(99)))]);
    const length = pick(rng, [String(rng.int(body.length * 2)), '-1', '1e3', '', '99999999999999999999', '0']);
    return headed(INFER, body, [`Inference-Header-Content-Length: ${length}`]);
  },
  'a wrong method, path or type': (rng) =>
    headed(pick(rng, PATHS), text(good(rng)), [`Content-Type: ${pick(rng, TYPES)}`], pick(rng, METHODS)),
  'many headers': (rng) =>
    headed(
      INFER,
      text(good(rng)),
      Array.from({ length: 1 + rng.int(3000) }, (_, at) => `X-${at}: ${at}`),
    ),
  'a long header': (rng) => headed(INFER, text(good(rng)), [`X-Long: ${'y'.repeat(rng.int(60_000))}`]),
  'no HTTP': (rng) =>
    Buffer.concat([Buffer.from(Array.from({ length: 1 + rng.int(200) }, () => rng.int(256))), Buffer.from('\r\n\r\n')]),
  'wrong framing': (rng) => {
    const heads = [
      'Content-Length: -1',
      'Content-Length: 1\r\nContent-Length: 2',
      'Transfer-Encoding: chunked\r\nContent-Length: 3',
      'Transfer-Encoding: gzip',
      'Transfer-Encoding: chunked',
      'Content-Length: 99999999999999999999',
      'Expect: 200-ok',
      'Upgrade: websocket\r\nConnection: Upgrade',
    ];
    const body = pick(rng, ['zz\r\nxx\r\n0\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n', 'ffffffffffffffff\r\n', '']);
    return Buffer.from(`POST ${INFER} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${pick(rng, heads)}\r\n\r\n${body}`);
  },
};

/** The same requests for the same seed. */
export function* fuzzedRequests(count: number, seed: number): Generator<FuzzedRequest> {
  const rng = createRng(seed);
  const kinds = Object.entries(KINDS);
  for (let made = 0; made < count; made++) {
    const [kind, make] = pick(rng, kinds);
    const bytes = make(rng);
    const end = pick(rng, ['close', 'close', 'close', 'half', 'reset'] as const);
    // Cut short, and then silent or gone.
    const isCut = end !== 'close' && rng.int(2) === 0;
    yield {
      kind,
      bytes: isCut ? bytes.subarray(0, rng.int(bytes.length)) : bytes,
      end,
      pieces: rng.int(10) === 0 ? 4 : 1,
    };
  }
}
