import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Server } from '../../lib/serve/build-server.ts';
import { type Client, createClient } from '../rig/http.ts';
import { createFeed, inferBody, type RegisteredModel, ROW, rawRows, registerModel, startServer } from '../rig/serve.ts';
import { temporaryFolderForAll } from '../rig/temporary-folder.ts';

/** The Open Inference Protocol, version 2 (REST), over a real socket. */

const inFolder = temporaryFolderForAll();
let server: Server;
let client: Client;
let model: RegisteredModel;

beforeAll(async () => {
  model = await registerModel(inFolder(), 4);
  server = await startServer(createFeed(model), { limits: { maxBodyBytes: 100_000, queueRows: 100 } });
  await server.app.listen({ host: '127.0.0.1', port: 0 });
  client = createClient((server.app.server.address() as AddressInfo).port);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

const TOY = '/v2/models/toy';
const inputs = rawRows(2, 9);

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly parameters?: { readonly binary_data_size?: number };
  readonly data?: readonly (number | string)[];
}

interface Inferred {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: { readonly prediction_id: string };
  readonly outputs: readonly Tensor[];
}

const outputsOf = (json: unknown): readonly Tensor[] => (json as Inferred).outputs;

const closeTo = (found: readonly unknown[], expected: Float32Array): void => {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, at) => {
    expect(Math.abs(value - Number(found[at]))).toBeLessThan(1e-5);
  });
};

describe('health', () => {
  test.each(['/v2/health/live', '/v2/health/ready'])('%s is 200', async (path) => {
    const { status, json, headers } = await client.ask(path);
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(json).toMatchObject({ live: true });
  });

  test('ready says so under both names the protocol gives it', async () => {
    expect((await client.ask('/v2/health/ready')).json).toEqual({ ready: true, live: true });
  });

  test.each([`${TOY}/ready`, `${TOY}/versions/4/ready`])('%s names the model', async (path) => {
    expect(await client.ask(path)).toMatchObject({ status: 200, json: { name: 'toy', ready: true } });
  });

  test.each(['/v2/models/other/ready', `${TOY}/versions/5/ready`])('%s is not there', async (path) => {
    const { status, json } = await client.ask(path);
    expect(status).toBe(404);
    expect(json).toEqual({ error: expect.any(String) });
  });
});

describe('metadata', () => {
  test.each(['/v2', '/v2/'])('of the server, at %s', async (path) => {
    const { status, json } = await client.ask(path);
    expect(status).toBe(200);
    expect(json).toEqual({ name: 'mlloop', version: '0.0.0', extensions: ['binary_tensor_data'] });
  });

  test.each([TOY, `${TOY}/versions/4`])('of the model, at %s', async (path) => {
    expect(await client.ask(path)).toMatchObject({
      status: 200,
      json: {
        name: 'toy',
        versions: ['4'],
        platform: 'onnx_onnxv1',
        inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 4, 3] }],
        outputs: [
          { name: 'probabilities', datatype: 'FP32', shape: [-1, 3] },
          { name: 'label', datatype: 'BYTES', shape: [-1] },
        ],
      },
    });
  });

  test('of another model or version is not there', async () => {
    expect((await client.ask('/v2/models/other')).json).toEqual({
      error: "There is no model 'other'; there is 'toy'.",
    });
    expect((await client.ask(`${TOY}/versions/v4`)).json).toEqual({
      error: "The model 'toy' is served in version 4, not v4.",
    });
  });
});

describe('inference', () => {
  test.each([`${TOY}/infer`, `${TOY}/versions/4/infer`])('at %s answers with every output', async (path) => {
    const { status, json, headers } = await client.ask(path, { body: inferBody(inputs, 2, { id: 'q-1' }) });
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json/);
    const { model_name, model_version, id, parameters } = json as Inferred;
    expect({ model_name, model_version, id }).toEqual({ model_name: 'toy', model_version: '4', id: 'q-1' });
    expect(parameters.prediction_id).toMatch(/^[0-9a-f-]{36}$/);
    const [probabilities, label] = outputsOf(json);
    expect(probabilities).toMatchObject({ name: 'probabilities', shape: [2, 3], datatype: 'FP32' });
    closeTo(probabilities?.data ?? [], await model.answersOf(inputs, 2));
    expect(label).toMatchObject({ name: 'label', shape: [2], datatype: 'BYTES' });
  });

  test.each([
    ['nested as its shape says', [2, 4, 3], Array.from({ length: 2 }, (_, row) => nested(row))],
    ['flat rows', [2, 12], [...inputs]],
    ['flat rows, nested', [2, 12], [[...inputs.subarray(0, 12)], [...inputs.subarray(12)]]],
  ])('takes data that are %s', async (_, shape, data) => {
    const body = { inputs: [{ name: 'input', shape, datatype: 'FP32', data }] };
    const { status, json } = await client.ask(`${TOY}/infer`, { body });
    expect(status).toBe(200);
    closeTo(outputsOf(json)[0]?.data ?? [], await model.answersOf(inputs, 2));
  });

  test('takes raw bytes as UINT8', async () => {
    const body = { inputs: [{ name: 'input', shape: [2, 4, 3], datatype: 'UINT8', data: [...inputs] }] };
    const { json } = await client.ask(`${TOY}/infer`, { body });
    closeTo(outputsOf(json)[0]?.data ?? [], await model.answersOf(inputs, 2));
  });

  test('gives the outputs that are asked for, in that order', async () => {
    const only = await client.ask(`${TOY}/infer`, { body: inferBody(inputs, 2, { outputs: [{ name: 'label' }] }) });
    expect(outputsOf(only.json).map(({ name }) => name)).toEqual(['label']);
    const both = [{ name: 'label' }, { name: 'probabilities', parameters: {} }];
    const { json } = await client.ask(`${TOY}/infer`, { body: inferBody(inputs, 2, { outputs: both }) });
    expect(outputsOf(json).map(({ name }) => name)).toEqual(['label', 'probabilities']);
  });

  test('does not mind parameters it has no use for', async () => {
    const body = inferBody(inputs, 2, { parameters: { priority: 1, trace: 'x' }, model_name: 'toy' });
    expect((await client.ask(`${TOY}/infer`, { body })).status).toBe(200);
  });
});

/** One row of the inputs by its shape, 4 x 3. */
function nested(row: number): number[][] {
  return Array.from({ length: 4 }, (_, y) => [...inputs.subarray(row * 12 + y * 3, row * 12 + y * 3 + 3)]);
}

describe('the binary tensor extension', () => {
  const binaryBody = (datatype: string, bytes: Buffer, more: object = {}): [Buffer, Record<string, string>] => {
    const parameters = { binary_data_size: bytes.length };
    const json = Buffer.from(
      JSON.stringify({ inputs: [{ name: 'input', shape: [2, 4, 3], datatype, parameters }], ...more }),
    );
    return [Buffer.concat([json, bytes]), { 'inference-header-content-length': String(json.length) }];
  };
  const floats = Buffer.from(Float32Array.from(inputs).buffer);

  test.each([
    ['UINT8', Buffer.from(inputs)],
    ['FP32', floats],
  ])('takes %s behind the JSON', async (datatype, bytes) => {
    const [body, headers] = binaryBody(datatype, bytes);
    for (const type of ['application/octet-stream', 'application/json']) {
      const { status, json } = await client.ask(`${TOY}/infer`, {
        body,
        headers: { ...headers, 'content-type': type },
      });
      expect(status).toBe(200);
      closeTo(outputsOf(json)[0]?.data ?? [], await model.answersOf(inputs, 2));
    }
  });

  test.each([
    ['of one output', { outputs: [{ name: 'probabilities', parameters: { binary_data: true } }] }, ['probabilities']],
    ['of all outputs', { parameters: { binary_data_output: true } }, ['probabilities', 'label']],
    [
      'of all but one',
      {
        parameters: { binary_data_output: true },
        outputs: [{ name: 'label', parameters: { binary_data: false } }, { name: 'probabilities' }],
      },
      ['probabilities'],
    ],
  ])('gives the bytes %s behind the JSON', async (_, more, binary) => {
    const { headers, bytes } = await client.ask(`${TOY}/infer`, { body: inferBody(inputs, 2, more) });
    expect(headers['content-type']).toBe('application/octet-stream');
    const length = Number(headers['inference-header-content-length']);
    const outputs = outputsOf(JSON.parse(bytes.subarray(0, length).toString()));
    const sizes = outputs.flatMap(({ parameters }) => parameters?.binary_data_size ?? []);
    expect(length + sizes.reduce((sum, size) => sum + size, 0)).toBe(bytes.length);
    expect(outputs.filter(({ data }) => data === undefined).map(({ name }) => name)).toEqual(binary);
    const own = new Uint8Array(bytes.subarray(length, length + 24));
    closeTo([...new Float32Array(own.buffer)], await model.answersOf(inputs, 2));
  });

  test('gives text as its length and its bytes', async () => {
    const body = inferBody(inputs, 2, { outputs: [{ name: 'label', parameters: { binary_data: true } }] });
    const { headers, bytes } = await client.ask(`${TOY}/infer`, { body });
    const own = bytes.subarray(Number(headers['inference-header-content-length']));
    expect([own.readUInt32LE(0), own.readUInt32LE(5), own.length]).toEqual([1, 1, 10]);
    expect(ROW.classes).toContain(own.toString('latin1', 4, 5));
  });

  test.each([
    ['1000', 'is more than there is'],
    ['-1', 'is negative'],
    ['x', 'is no number'],
  ])('refuses a header of %s, which %s', async (length) => {
    const [body] = binaryBody('UINT8', Buffer.from(inputs));
    const headers = { 'inference-header-content-length': length };
    const { status, json } = await client.ask(`${TOY}/infer`, { body, headers });
    expect(status).toBe(400);
    expect(json).toEqual({ error: expect.any(String) });
  });

  test.each([
    ['UINT8', Buffer.from(inputs.subarray(0, 12))],
    ['FP32', floats.subarray(0, 48)],
  ])('takes one row as %s without any JSON', async (_, body) => {
    const { status, json } = await client.ask(`${TOY}/infer`, {
      body,
      headers: { 'inference-header-content-length': '0' },
    });
    expect(status).toBe(200);
    closeTo(outputsOf(json)[0]?.data ?? [], await model.answersOf(inputs.subarray(0, 12), 1));
  });

  test('refuses bytes without JSON that are not one row', async () => {
    const headers = { 'inference-header-content-length': '0' };
    const { status, json } = await client.ask(`${TOY}/infer`, { body: Buffer.from(inputs), headers });
    const takes = 'a body without JSON is one row, 12 bytes as UINT8 or 48 as FP32';
    expect(status).toBe(400);
    expect(json).toEqual({ error: `The input 'input': ${takes}; 24 bytes were given.` });
  });

  test('refuses sizes that do not fit what follows', async () => {
    const tooFew = binaryBody('FP32', Buffer.from(inputs));
    const answer = await client.ask(`${TOY}/infer`, { body: tooFew[0], headers: tooFew[1] });
    expect(answer).toMatchObject({
      status: 400,
      json: { error: "The input 'input': 96 bytes are needed where 24 were given." },
    });
    const [body, headers] = binaryBody('UINT8', Buffer.from(inputs));
    const longer = await client.ask(`${TOY}/infer`, { body: Buffer.concat([body, Buffer.from('x')]), headers });
    expect(longer.json).toEqual({
      error: "The input 'input' has a binary_data_size of 24; 25 bytes follow the JSON.",
    });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s among floats', async (bad) => {
    const values = Float32Array.from(inputs);
    values[5] = bad;
    const [body, headers] = binaryBody('FP32', Buffer.from(values.buffer));
    const { status, json } = await client.ask(`${TOY}/infer`, { body, headers });
    expect(status).toBe(400);
    expect(json).toEqual({ error: `The input 'input': value 5 is ${bad}, and has to be a finite 32-bit number.` });
  });
});

describe('MLflow’s scoring protocol', () => {
  const [one, two] = [[...inputs.subarray(0, 12)], [...inputs.subarray(12)]];
  const columns = one.map((_, at) => `pixel${at}`);
  const record = (row: readonly number[]): object => Object.fromEntries(columns.map((name, at) => [name, row[at]]));

  test.each<readonly [string, object]>([
    ['inputs', { inputs: [one, two] }],
    ['inputs by name', { inputs: { input: [one, two] } }],
    ['inputs by shape', { inputs: [nested(0), nested(1)] }],
    ['instances', { instances: [one, two] }],
    ['instances by name', { instances: [{ input: nested(0) }, { input: nested(1) }] }],
    ['dataframe_split', { dataframe_split: { columns, index: [0, 1], data: [one, two] } }],
    ['dataframe_split of whole rows', { dataframe_split: { columns: ['input'], data: [[one], [two]] } }],
    ['dataframe_records', { dataframe_records: [record(one), record(two)] }],
    ['params beside it', { instances: [one, two], params: { top: 3 } }],
  ])('is answered for %s', async (_, body) => {
    const { status, json } = await client.ask('/invocations', { body });
    expect(status).toBe(200);
    expect(json).toMatchObject({ model_name: 'toy', model_version: '4', prediction_id: expect.any(String) });
    closeTo((json as { readonly predictions: number[][] }).predictions.flat(), await model.answersOf(inputs, 2));
  });

  test.each<readonly [unknown, string]>([
    [[one], 'The body has to be a JSON object with one of inputs, instances, dataframe_split, dataframe_records.'],
    [
      { inputs: [one], instances: [one] },
      'The body has to have exactly one of inputs, instances, dataframe_split, dataframe_records; it has inputs and instances.',
    ],
    [{}, 'The body has to have exactly one of inputs, instances, dataframe_split, dataframe_records; it has none.'],
    [{ inputs: one }, 'inputs has to be a list of rows of 12 numbers.'],
    [{ inputs: [] }, 'inputs has no rows.'],
    [{ inputs: { other: [one] } }, "inputs has to be a list of rows, or an object with such a list as 'input'."],
    [{ instances: [one, one.slice(1)] }, 'instances: its data are 11 long at depth 2, where the shape says 12.'],
    [{ instances: [[...one.slice(1), 'x']] }, 'instances: value 11 is a string, and has to be a finite 32-bit number.'],
    [
      { dataframe_split: { columns: ['a'], data: [one] } },
      'Row 0 of dataframe_split does not have the 1 cells of its columns.',
    ],
    [{ dataframe_records: [record(one), { a: 1 }] }, 'Row 1 of dataframe_records has other columns than the first.'],
  ])('refuses %j', async (body, error) => {
    expect(await client.ask('/invocations', { body })).toMatchObject({ status: 400, json: { error } });
  });

  test('has its ping and its version', async () => {
    for (const path of ['/ping', '/health']) expect((await client.ask(path)).status).toBe(200);
    expect((await client.ask('/version')).bytes.toString()).toBe('0.0.0');
  });
});

describe('the OpenAPI document', () => {
  test('has every path of the protocol', async () => {
    const { status, json } = await client.ask('/openapi.json');
    expect(status).toBe(200);
    const { openapi, paths } = json as { readonly openapi: string; readonly paths: Record<string, object> };
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/v2',
        '/v2/health/live',
        '/v2/health/ready',
        '/v2/models/{model}',
        '/v2/models/{model}/ready',
        '/v2/models/{model}/infer',
        '/v2/models/{model}/versions/{version}',
        '/v2/models/{model}/versions/{version}/ready',
        '/v2/models/{model}/versions/{version}/infer',
        '/invocations',
        '/ping',
        '/version',
        '/metrics',
      ]),
    );
    expect(JSON.stringify(paths['/v2/models/{model}/infer'])).toContain('binary_data_size');
  });
});
