import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { loadMnist, type MnistOptions } from '../../lib/data/mnist.ts';
import { sha256 } from '../../lib/util/hash.ts';
import { messageOf, unwrap } from './failed.ts';
import { idxImages, idxLabels, writeFile } from './idx-files.ts';
import { temporaryFolder } from './temporary-folder.ts';

const path = temporaryFolder();
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const CONTENT = {
  trainImages: ['train-images-idx3-ubyte.gz', gzipSync(idxImages(500))],
  trainLabels: ['train-labels-idx1-ubyte.gz', gzipSync(idxLabels(Array.from({ length: 500 }, (_, at) => at % 10)))],
  testImages: ['t10k-images-idx3-ubyte.gz', gzipSync(idxImages(2, 7))],
  testLabels: ['t10k-labels-idx1-ubyte.gz', gzipSync(idxLabels([3, 4]))],
} as const;

const fileOf = ([name, bytes]: readonly [string, Buffer]) => ({ name, bytes: bytes.length, sha256: sha256(bytes) });
const FILES = {
  trainImages: fileOf(CONTENT.trainImages),
  trainLabels: fileOf(CONTENT.trainLabels),
  testImages: fileOf(CONTENT.testImages),
  testLabels: fileOf(CONTENT.testLabels),
};

const bodyOf = (url = ''): Buffer => {
  const found = Object.values(CONTENT).find(([name]) => url.endsWith(name));
  return found?.[1] ?? Buffer.alloc(0);
};

async function mirror(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mnist`;
}

const whole: RequestListener = (request, response) => response.end(bodyOf(request.url));

const load = (mirrors: readonly string[], more: Partial<MnistOptions> = {}) =>
  loadMnist({
    folders: [path('elsewhere')],
    target: path('data'),
    mirrors,
    files: FILES,
    signal: new AbortController().signal,
    ...more,
  });

test('the files are read where they lie, and nothing is fetched', async () => {
  mkdirSync(path('elsewhere'));
  for (const [name, bytes] of Object.values(CONTENT)) writeFileSync(path('elsewhere', name), bytes);
  expect(unwrap(await load([])).rows).toBe(502);
  expect(existsSync(path('data'))).toBe(false);
});

test('missing files are fetched, kept, and found the next time', async () => {
  const seen: string[] = [];
  const base = await mirror((request, response) => {
    seen.push(request.url ?? '');
    whole(request, response);
  });
  const steps: [string, number, number][] = [];
  const dataset = unwrap(await load([base], { onBytes: (file, done, total) => steps.push([file, done, total]) }));
  expect(dataset.rows).toBe(502);
  expect(dataset.split.at(-1)).toBe(1);
  expect(dataset.meta.generated).toBe(false);
  expect(seen).toHaveLength(4);
  expect(steps.at(-1)).toEqual([FILES.testLabels.name, FILES.testLabels.bytes, FILES.testLabels.bytes]);
  expect(readdirSync(path('data')).sort()).toEqual(
    Object.values(FILES)
      .map(({ name }) => name)
      .sort(),
  );
  expect(unwrap(await load([])).rows).toBe(502);
  expect(seen).toHaveLength(4);
});

test('a connection that breaks half-way is given up, the next mirror asked, and nothing half is left', async () => {
  const broken = await mirror((request, response) => {
    const body = bodyOf(request.url);
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, body.length >> 1), () => response.socket?.destroy());
  });
  const offline = await load([broken]);
  expect(messageOf(offline, path())).toContain(`${broken}/train-images-idx3-ubyte.gz could not be had: `);
  expect(existsSync(path('data'))).toBe(false);
  const asked: string[] = [];
  const good = await mirror((request, response) => {
    asked.push(request.url ?? '');
    whole(request, response);
  });
  expect(unwrap(await load([broken, good])).rows).toBe(502);
  expect(asked).toHaveLength(4);
  expect(readdirSync(path('data'))).toHaveLength(4);
});

test('a body that ends early without an error is told by its length', async () => {
  const short = await mirror((request, response) => response.end(bodyOf(request.url).subarray(0, 10)));
  expect(messageOf(await load([short]))).toContain('could not be had: the connection ended after 10 B of ');
});

test('a file with a wrong hash is refused and the next mirror asked', async () => {
  const wrong = await mirror((request, response) => response.end(Buffer.alloc(bodyOf(request.url).length, 1)));
  const alone = messageOf(await load([wrong]));
  expect(alone).toMatch(/could not be had: its SHA-256 is [0-9a-f]{64}, expected [0-9a-f]{64}\./);
  expect(existsSync(path('data'))).toBe(false);
  expect(unwrap(await load([wrong, await mirror(whole)])).rows).toBe(502);
});

test('more bytes than the original has are refused before they are all here', async () => {
  const endless = await mirror((request, response) =>
    response.end(Buffer.concat([bodyOf(request.url), Buffer.alloc(9)])),
  );
  expect(messageOf(await load([endless]))).toContain(
    `it is longer than the ${FILES.trainImages.bytes} bytes of the original.`,
  );
});

test('a host that never answers is given up after the connect timeout, and not asked again', async () => {
  let asked = 0;
  const silent = await mirror(() => {
    asked += 1;
  });
  expect(messageOf(await load([silent], { connectTimeoutMs: 50 }))).toContain(
    'could not be had: no answer within 0.05 s.',
  );
  expect(asked).toBe(1);
  expect(unwrap(await load([silent, await mirror(whole)], { connectTimeoutMs: 50 })).rows).toBe(502);
  expect(asked).toBe(2);
});

test('an answer that stands still is given up', async () => {
  const stuck = await mirror((request, response) => response.write(bodyOf(request.url).subarray(0, 5)));
  expect(messageOf(await load([stuck], { stallTimeoutMs: 50 }))).toContain('nothing more came within 0.05 s.');
  expect(existsSync(path('data'))).toBe(false);
});

test('when nothing helps, the message says where it looked and what to do', async () => {
  const none = await mirror((_, response) => response.writeHead(404).end());
  expect(messageOf(await load([none]), path())).toBe(
    [
      "The source 'mnist' cannot be had: train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, " +
        't10k-labels-idx1-ubyte.gz missing.',
      '  not in DIR/elsewhere',
      '  not in DIR/data',
      `  ${none}/train-images-idx3-ubyte.gz could not be had: the host answered 404.`,
      "Put the files into DIR/data, or declare a fallback in the stage's params: fallback: synthetic-digits.",
    ].join('\n'),
  );
});

test('a local file that is not the original is refused by name', async () => {
  writeFile(path('elsewhere', 'train-labels-idx1-ubyte.gz'), idxLabels([1]));
  const text = messageOf(await load([]), path());
  expect(text).toMatch(
    /^DIR\/elsewhere\/train-labels-idx1-ubyte\.gz is not the original: its SHA-256 is [0-9a-f]{64}, expected [0-9a-f]{64}\.\n/,
  );
  expect(text).toContain('Delete DIR/elsewhere/train-labels-idx1-ubyte.gz and run again: it is then fetched anew.');
});

test('cancelling a download ends it as cancelled', async () => {
  const abort = new AbortController();
  const base = await mirror(() => abort.abort());
  expect(messageOf(await load([base], { signal: abort.signal }))).toBe('It was cancelled.');
  expect(existsSync(path('data', FILES.trainImages.name))).toBe(false);
});

const data = process.env['MLLOOP_DATA'];
describe.skipIf(data === undefined)('with MNIST in the folder MLLOOP_DATA names', () => {
  test('the four original files have the known rows and first labels', async () => {
    const target = path('data');
    const mnist = unwrap(
      await loadMnist({
        folders: [join(data ?? '', 'mnist')],
        target,
        mirrors: [],
        signal: new AbortController().signal,
      }),
    );
    expect([mnist.rows, mnist.labels[0], mnist.labels[60_000]]).toEqual([70_000, 5, 7]);
    const train = Array.from({ length: 10 }, () => 0);
    for (const label of mnist.labels.subarray(0, 60_000)) train[label] = (train[label] ?? 0) + 1;
    expect(train).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  });
});
