import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Server } from '../../lib/serve/build-server.ts';
import { type Client, createClient, exchange } from '../rig/http.ts';
import { createFeed, inferBody, rawRows, registerModel, startServer } from '../rig/serve.ts';
import { temporaryFolderForAll } from '../rig/temporary-folder.ts';

const inFolder = temporaryFolderForAll();
let server: Server;
let client: Client;
let port: number;

beforeAll(async () => {
  const limits = { maxBodyBytes: 20_000, queueRows: 50 };
  server = await startServer(createFeed(await registerModel(inFolder(), 4)), { limits });
  await server.app.listen({ host: '127.0.0.1', port: 0 });
  ({ port } = server.app.server.address() as AddressInfo);
  client = createClient(port);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const TOY = '/v2/models/toy/infer';
const row = [...rawRows(1)];
const tensor = (more: object): object => ({
  inputs: [{ name: 'input', shape: [1, 12], datatype: 'FP32', data: row, ...more }],
});
const withValue = (value: unknown): object => tensor({ data: [...row.slice(1), value] });
const deep = (depth: number): string => `{"inputs":${'['.repeat(depth)}${']'.repeat(depth)}}`;

describe('a bad body', () => {
  test.each<readonly [unknown, number, string | RegExp]>([
    ['', 400, 'The request has no body.'],
    ['{', 400, /^The body is not JSON: /],
    ['{"inputs":[{"name":"input","shape":[1,12],"datatype":"FP32","data":[NaN]}]}', 400, /^The body is not JSON: /],
    [
      '{"inputs":[{"name":"input","shape":[1,12],"datatype":"FP32","data":[Infinity]}]}',
      400,
      /^The body is not JSON: /,
    ],
    ['null', 400, 'The body has to be a JSON object with the field inputs.'],
    ['[]', 400, 'The body has to be a JSON object with the field inputs.'],
    ['"text"', 400, 'The body has to be a JSON object with the field inputs.'],
    [{}, 400, 'inputs has to be an array of tensors.'],
    [{ inputs: {} }, 400, 'inputs has to be an array of tensors.'],
    [{ inputs: [] }, 400, "The model takes one input, 'input'; 0 were given."],
    [{ inputs: [1, 2] }, 400, "The model takes one input, 'input'; 2 were given."],
    [{ inputs: [null] }, 400, 'inputs[0] has to be an object with name, shape, datatype and data.'],
    [{ ...tensor({}), id: 7 }, 400, 'id has to be a string.'],
    [{ ...tensor({}), parameters: [] }, 400, 'parameters has to be an object.'],
    [tensor({ name: 'Input' }), 400, "The model's input is 'input', not 'Input'."],
    [tensor({ name: undefined }), 400, "The model's input is 'input', not left out."],
    [tensor({ datatype: 'fp32' }), 400, "The input 'input' takes the datatypes FP32 and UINT8, not 'fp32'."],
    [tensor({ datatype: 'INT64' }), 400, "The input 'input' takes the datatypes FP32 and UINT8, not 'INT64'."],
    [tensor({ parameters: 1 }), 400, "The parameters of the input 'input' have to be an object."],
    ...[
      undefined,
      [],
      [12],
      [1, 13],
      [12, 1],
      [1, 3, 4],
      [0, 12],
      [-1, 12],
      [1.5, 12],
      ['1', 12],
      [1, 4, 3, 1],
      12,
    ].map((shape): readonly [unknown, number, RegExp] => [
      tensor({ shape }),
      400,
      /^The input 'input' takes the shape \[rows, 4, 3\] or \[rows, 12\] with at least one row, not /,
    ]),
    [
      tensor({ shape: [1e15, 12] }),
      413,
      'The request has 1000000000000000 rows; 50 is the most that is answered at once.',
    ],
    [tensor({ shape: [2, 12] }), 400, "The input 'input': 24 values are needed where 12 were given."],
    [tensor({ data: row.slice(1) }), 400, "The input 'input': 12 values are needed where 11 were given."],
    [tensor({ data: undefined }), 400, "The input 'input': data has to be an array of numbers."],
    [tensor({ data: { 0: 1, length: 12 } }), 400, "The input 'input': data has to be an array of numbers."],
    [tensor({ data: [row, row] }), 400, "The input 'input': its data are 2 long at depth 1, where the shape says 1."],
    [tensor({ data: [[row]] }), 400, "The input 'input': its data are 1 long at depth 2, where the shape says 12."],
    [
      tensor({ shape: [1, 4, 3], data: [row] }),
      400,
      "The input 'input': its data are 12 long at depth 2, where the shape says 4.",
    ],
    ...(
      [
        ['7', 'a string'],
        [true, 'a boolean'],
        [null, 'null'],
        [{}, 'a object'],
        [[1], 'an array'],
      ] as const
    ).map(([value, shown]): readonly [unknown, number, string] => [
      withValue(value),
      400,
      `The input 'input': value 11 is ${shown}, and has to be a finite 32-bit number.`,
    ]),
    [
      '{"inputs":[{"name":"input","shape":[1,12],"datatype":"FP32","data":[1e999,0,0,0,0,0,0,0,0,0,0,0]}]}',
      400,
      /value 0 is Infinity/,
    ],
    [withValue(1e39), 400, "The input 'input': value 11 is 1e+39, and has to be a finite 32-bit number."],
    [
      tensor({ datatype: 'UINT8', data: [...row.slice(1), 256] }),
      400,
      "The input 'input': value 11 is 256, and has to be a whole number from 0 to 255.",
    ],
    [
      tensor({ datatype: 'UINT8', data: [...row.slice(1), 1.5] }),
      400,
      "The input 'input': value 11 is 1.5, and has to be a whole number from 0 to 255.",
    ],
    [tensor({ parameters: { binary_data_size: 12 } }), 400, "The input 'input' has both data and a binary_data_size."],
    [{ ...tensor({}), outputs: {} }, 400, 'outputs has to be an array of objects with a name.'],
    [{ ...tensor({}), outputs: ['label'] }, 400, 'outputs has to be an array of objects with a name.'],
    [
      { ...tensor({}), outputs: [{ name: 'logits' }] },
      400,
      "The model has no output 'logits'; its outputs are probabilities and label.",
    ],
    [{ ...tensor({}), outputs: [{ name: 'label' }, { name: 'label' }] }, 400, "The output 'label' is asked for twice."],
    [deep(9000), 400, 'inputs[0] has to be an object with name, shape, datatype and data.'],
    [tensor({ name: deep(2000) }), 400, /^The model's input is 'input', not '\{"inputs":\[{30}…'\.$/],
    [inferBody(rawRows(51), 51), 413, 'The request has 51 rows; 50 is the most that is answered at once.'],
    ['x'.repeat(20_001), 413, 'The body is larger than the 20000 bytes that are taken.'],
  ])('%j', async (body, status, error) => {
    const answer = await client.ask(TOY, { body });
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({ error: error instanceof RegExp ? expect.stringMatching(error) : error });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  });
});

describe('a bad request', () => {
  const takes = 'send application/json, or application/octet-stream with the header Inference-Header-Content-Length.';

  test.each<readonly [string, Parameters<Client['ask']>[1], number, string]>([
    ['/v2/models/other/infer', { body: tensor({}) }, 404, "There is no model 'other'; there is 'toy'."],
    ['/v2/models/toy/versions/9/infer', { body: tensor({}) }, 404, "The model 'toy' is served in version 4, not 9."],
    ['/v2/models/toy/explain', { body: tensor({}) }, 404, 'There is no /v2/models/toy/explain here.'],
    [TOY, { method: 'GET' }, 405, 'GET is not answered here; POST is.'],
    [TOY, { method: 'DELETE' }, 405, 'DELETE is not answered here; POST is.'],
    ['/v2/health/live', { body: {} }, 405, 'POST is not answered here; GET, HEAD is.'],
    [
      TOY,
      { body: 'a', headers: { 'content-type': 'text/plain' } },
      415,
      `The content type 'text/plain' is not taken; ${takes}`,
    ],
    [TOY, { body: '{}', headers: { 'content-type': '' } }, 415, `The content type '' is not taken; ${takes}`],
    [
      TOY,
      { body: '{}', headers: { 'content-encoding': 'gzip' } },
      415,
      "The content encoding 'gzip' is not taken; send the body as it is.",
    ],
  ])('to %s with %j', async (path, asked, status, error) => {
    const answer = await client.ask(path, asked);
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({ error });
  });

  test.each([
    ['GARBAGE\r\n\r\n', 400],
    ['POST /v2/models/toy/infer HTTP/1.1\r\nContent-Length: x\r\n\r\n', 400],
    ['POST /v2/models/toy/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    ['GET /v2 HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    [`GET /v2 HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    [`POST ${TOY} HTTP/1.1\r\nHost: x\r\nExpect: more\r\nConnection: close\r\n\r\n`, 417],
    ['GET /%E0%A4%A HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400],
  ])('that is no HTTP: %j', async (bytes, status) => {
    const text = await exchange(port, bytes);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toEqual({ error: expect.any(String) });
  });
});

test('a client that takes too long to send its request is told, and hung up on', async () => {
  const slow = await startServer(createFeed(), { limits: { receiveMs: 200 } });
  await slow.app.listen({ host: '127.0.0.1', port: 0 });
  const { port: own } = slow.app.server.address() as AddressInfo;
  const text = await exchange(
    own,
    `POST ${TOY} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"inputs"`,
  );
  expect(text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(text).toMatch(/\{"error":"The request did not arrive in time\."\}$/);
  await slow.stop();
});

test('a good request is answered after all of them', async () => {
  expect((await client.ask(TOY, { body: tensor({}) })).status).toBe(200);
  const metrics = (await client.ask('/metrics')).bytes.toString();
  expect(metrics).not.toMatch(/code="5/);
  expect(metrics).toContain('mlloop_requests_in_progress 1\n');
});
