import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Server } from '../../lib/serve/build-server.ts';
import type { AnsweredRequest } from '../../lib/serve/prediction-log.ts';
import { createFeed, inferBody, type RegisteredModel, ROW, rawRows, registerModel, startServer } from '../rig/serve.ts';
import { temporaryFolderForAll } from '../rig/temporary-folder.ts';

const inFolder = temporaryFolderForAll();
const recorded: AnsweredRequest[] = [];
let server: Server;
let model: RegisteredModel;

beforeAll(async () => {
  model = await registerModel(inFolder(), 1);
  server = await startServer(createFeed(model), { predictions: { record: (one) => recorded.push(one) } });
});
afterAll(() => server.stop());

const infer = async (body: object) => {
  const answer = await server.app.inject({ method: 'POST', url: '/v2/models/toy/infer', payload: body });
  return { status: answer.statusCode, body: answer.json() };
};

test('values that a model has no answer to are refused, and spoil no other’s record', async () => {
  const deep = await registerModel(inFolder(), 2, 'deep', [64, 64, 64, 64]);
  const kept: AnsweredRequest[] = [];
  const own = await startServer(createFeed(deep), { predictions: { record: (one) => kept.push(one) } });
  const ask = async (payload: object) =>
    (await own.app.inject({ method: 'POST', url: '/v2/models/deep/infer', payload })).json();
  const huge = new Float32Array(2 * ROW.width);
  huge.fill(3.4e38, ROW.width);
  const [fine, refused] = await Promise.all([ask(inferBody(rawRows(1), 1)), ask(inferBody(huge, 2))]);
  expect(fine.outputs[0].data).toHaveLength(3);
  expect(refused).toEqual({
    error: 'Row 1: the model has no answer to it that is a number; its values are too far from what it learned from.',
  });
  expect(kept.map(({ rows }) => rows)).toEqual([1]);
  await own.stop();
});

describe('a served version', () => {
  test.each([1, 7, 64, 65, 300])('answers %i rows as training did, within 1e-5', async (rows) => {
    const inputs = rawRows(rows, rows);
    const expected = await model.answersOf(inputs, rows);
    const { status, body } = await infer(inferBody(inputs, rows));
    expect(status).toBe(200);
    const [probabilities, label] = body.outputs;
    expect(probabilities).toMatchObject({ name: 'probabilities', datatype: 'FP32', shape: [rows, 3] });
    const largest = expected.reduce((most, value, at) => Math.max(most, Math.abs(value - probabilities.data[at])), 0);
    expect(largest).toBeLessThan(1e-5);
    expect(label).toMatchObject({ name: 'label', datatype: 'BYTES', shape: [rows] });
    label.data.forEach((name: string, row: number) => {
      const own = [...expected.subarray(row * 3, row * 3 + 3)];
      expect(name).toBe(ROW.classes[own.indexOf(Math.max(...own))]);
    });
  });

  test('answers many at once each with its own answer', async () => {
    const inputs = Array.from({ length: 200 }, (_, seed) => rawRows(1, seed));
    const answers = await Promise.all(inputs.map((one) => infer(inferBody(one, 1))));
    for (const [at, one] of inputs.entries()) {
      const expected = await model.answersOf(one, 1);
      const { data } = answers[at]?.body.outputs[0] ?? {};
      expected.forEach((value, place) => {
        expect(Math.abs(value - data[place])).toBeLessThan(1e-5);
      });
    }
  });

  test('names itself and the prediction, repeats the client’s id, and puts what was asked on record', async () => {
    recorded.length = 0;
    const inputs = rawRows(2);
    const { body } = await infer(inferBody(inputs, 2, { id: 'mine' }));
    expect(body).toMatchObject({ model_name: 'toy', model_version: '1', id: 'mine' });
    const [one] = recorded;
    expect(recorded).toHaveLength(1);
    expect(one).toMatchObject({ id: body.parameters.prediction_id, line: 'toy', version: 1, rows: 2 });
    expect([...(one?.inputs ?? [])]).toEqual([...inputs]);
    expect([...(one?.probabilities ?? [])]).toEqual(body.outputs[0].data);
    const without = await infer(inferBody(inputs, 2));
    expect(without.body.id).toBe(without.body.parameters.prediction_id);
    expect(without.body.id).not.toBe(body.parameters.prediction_id);
  });
});
