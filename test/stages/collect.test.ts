import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, expect, test } from 'vitest';
import { openDataset } from '../../lib/data/dataset.ts';
import { formatFailure } from '../../lib/domain/failure.ts';
import { RaisedFailure } from '../../lib/domain/raised.ts';
import stage from '../../stages/collect.ts';
import { unwrap } from '../data/failed.ts';
import { idxImages, idxLabels, writeFile } from '../data/idx-files.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { type RecordedContext, type StageContextOptions, stageContext } from './context.ts';

type Params = Static<typeof stage.params>;

const path = temporaryFolder();
const made: RecordedContext<Params>[] = [];
afterEach(() => {
  for (const recorded of made.splice(0)) recorded.remove();
});

async function collect(params: Params, more: Partial<StageContextOptions<Params>> = {}) {
  const recorded = stageContext<Params>({
    params,
    outs: { raw: 'dataset' },
    answers: { acceptedFeedback: [], pipeline: 'digits' },
    root: path(),
    ...more,
  });
  made.push(recorded);
  await stage.run(recorded.context);
  return { ...recorded, raw: unwrap(openDataset(recorded.context.outs['raw'] ?? '', { anyLabel: true })) };
}

const failureOf = async (params: Params, more: Partial<StageContextOptions<Params>> = {}): Promise<string> => {
  const error = await collect(params, more).then(
    () => 'it did not fail',
    (reason: unknown) => reason,
  );
  return error instanceof RaisedFailure ? formatFailure(error.failure).replaceAll(path(), 'ROOT') : String(error);
};

test('synthetic digits are generated in the numbers asked for, and named as generated', async () => {
  const { raw, records, metrics } = await collect({ source: 'synthetic-digits', synthetic: { train: 50, test: 20 } });
  expect([raw.rows, raw.meta.generated]).toEqual([70, true]);
  expect(metrics()).toEqual({ 'rows.train': 50, 'rows.test': 20, feedbackRows: 0 });
  expect(records.at(-1)).toEqual({
    kind: 'used',
    what: 'dataset',
    value: { source: 'synthetic-digits', rows: 70, train: 50, test: 20, generated: true, note: '' },
  });
});

test('MNIST that is neither here nor to be downloaded gives way to the declared fallback, with a warning', async () => {
  const { raw, logs, records } = await collect({
    source: 'mnist',
    fallback: 'synthetic-digits',
    mnist: { mirrors: [] },
    synthetic: { train: 20, test: 10 },
  });
  expect(raw.meta.generated).toBe(true);
  expect(logs[0]?.level).toBe('warning');
  expect(logs[0]?.text).toContain("The source 'mnist' cannot be had");
  expect(logs[0]?.text).toContain('Going on with the declared fallback: synthetic-digits.');
  expect(records.at(-1)).toMatchObject({
    value: {
      source: 'synthetic-digits',
      generated: true,
      note: 'mnist was neither here nor to be downloaded: the declared fallback was used',
    },
  });
});

test('without a fallback it is a failure that says where it looked and what to do', async () => {
  const server = createServer((_, response) => response.writeHead(503).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const text = await failureOf({ source: 'mnist', mnist: { mirrors: [mirror] } }, { deps: { mnist: path('mnist') } });
  server.close();
  expect(text.split('\n').slice(1)).toEqual([
    '  not in ROOT/mnist',
    '  not in ROOT/data/mnist',
    `  ${mirror}train-images-idx3-ubyte.gz could not be had: the host answered 503.`,
    "Put the files into ROOT/data/mnist, or declare a fallback in the stage's params: fallback: synthetic-digits.",
  ]);
});

test('a damaged local MNIST is a failure, not a reason to fall back', async () => {
  writeFile(path('mnist', 'train-images-idx3-ubyte.gz'), idxImages(1));
  const params = { source: 'mnist', fallback: 'synthetic-digits', mnist: { mirrors: [] } } as const;
  expect(await failureOf({ ...params, mnist: { mirrors: [] } }, { deps: { mnist: path('mnist') } })).toContain(
    'ROOT/mnist/train-images-idx3-ubyte.gz is not the original: its SHA-256 is ',
  );
});

test('a folder of IDX files is read from the dep named files', async () => {
  writeFile(path('set', 'train-images-idx3-ubyte'), idxImages(4));
  writeFile(path('set', 'train-labels-idx1-ubyte'), idxLabels([0, 1, 1, 2]));
  const { raw } = await collect({ source: 'idx', idx: { classes: ['x', 'y', 'z'] } }, { deps: { files: path('set') } });
  expect([raw.rows, raw.meta.classes, raw.meta.generated]).toEqual([4, ['x', 'y', 'z'], false]);
});

test('idx and images without their dep say which to declare', async () => {
  expect(await failureOf({ source: 'images' })).toBe(
    "The source 'images' reads a dep named 'files', which is not declared or not there.\n" +
      'Declare it in pipeline.yaml: deps: { files: ./data/my-images }',
  );
});

test('an image folder with a file that is no image is the failure that names it', async () => {
  for (const name of ['a', 'b']) mkdirSync(path('set', name), { recursive: true });
  writeFileSync(path('set', 'a', 'x.png'), 'no image');
  writeFileSync(path('set', 'b', 'y.png'), 'no image');
  expect(await failureOf({ source: 'images' }, { deps: { files: path('set') } })).toContain(
    'ROOT/set/a/x.png is not an image: ',
  );
});

test('accepted feedback of the line joins the training rows', async () => {
  const input = new Uint8Array(784).fill(7, 0, 5);
  const row = { labelId: 12, line: 'digits-demo', label: 3, simulated: true, input };
  const { raw, metrics, logs } = await collect(
    { source: 'synthetic-digits', synthetic: { train: 20, test: 10 } },
    { answers: { acceptedFeedback: [row], pipeline: 'digits' } },
  );
  expect([raw.rows, raw.ids[30], raw.labels[30], raw.split[30]]).toEqual([31, 1_000_000_012, 3, 0]);
  expect(raw.meta.provenance.map(({ source, rows }) => [source, rows])).toEqual([
    ['synthetic-digits', 30],
    ['simulated feedback', 1],
  ]);
  expect(metrics()['feedbackRows']).toBe(1);
  expect(logs.at(-1)?.text).toBe('Of the training rows, 1 are accepted feedback of digits-demo.');
});

test('the line asked about is the demo line when the data are generated', async () => {
  const asked: unknown[] = [];
  const recorded = stageContext<Params>({
    params: { source: 'synthetic-digits', synthetic: { train: 10, test: 10 } },
    outs: { raw: 'dataset' },
  });
  made.push(recorded);
  await stage.run({
    ...recorded.context,
    ask: (name, input) => {
      asked.push([name, input]);
      return Promise.resolve((name === 'pipeline' ? 'mail' : []) as never);
    },
  });
  expect(asked).toEqual([
    ['pipeline', null],
    ['acceptedFeedback', { line: 'mail-demo' }],
  ]);
});

test('rows limits the rows and keeps the proportion of training and test', async () => {
  const { metrics } = await collect({ source: 'synthetic-digits', synthetic: { train: 200, test: 100 }, rows: 30 });
  expect(metrics()).toMatchObject({ 'rows.train': 20, 'rows.test': 10 });
});

test('an unknown source or param does not pass the schema', () => {
  expect(Value.Check(stage.params, { source: 'mnist' })).toBe(true);
  expect(Value.Check(stage.params, { source: 'minst' })).toBe(false);
  expect(Value.Check(stage.params, { source: 'mnist', row: 3 })).toBe(false);
});
